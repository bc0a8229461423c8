#pragma once

#include <algorithm>
#include <cstdlib>

#include "ss/base/secret.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/cipher/base64.hpp"
#include "ss/cipher/method.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/record_key.hpp"

/// What the fuzz targets of streams share.
namespace ss::fuzz {

inline constexpr UnixSeconds kNow = 1'700'000'000;

inline void require(bool condition) {
  if (!condition) std::abort();
}

/// One of the methods that seal.
inline const cipher::Method& sealing_method(std::size_t pick) {
  const auto all = cipher::methods();
  const cipher::Method* method = &all[pick % all.size()];
  while (method->family == cipher::Family::plain) method = &all[++pick % all.size()];
  return *method;
}

/// Keys and salts are those of the vectors, so that their streams are seeds that open.
inline ByteVector counting(std::size_t size, std::uint8_t first) {
  ByteVector bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}
inline Secret secret_of(const cipher::Method& method) {
  if (!method.is_2022()) return Secret(bytes_of("barfoo!"));
  return Secret(bytes_of(cipher::base64(counting(method.key_length, method.key_length == 16 ? 0x10 : 0x20))));
}
/// The server of the vectors: `password`, or SIP023's key and two users.
inline protocol::ServerCredentials server_credentials(const cipher::Method& method, bool users) {
  if (!users) return *protocol::ServerCredentials::from_password(method, secret_of(method));
  const auto psk = [&](std::uint8_t first) {
    return Secret(bytes_of(cipher::base64(counting(method.key_length, first))));
  };
  auto credentials = *protocol::ServerCredentials::from_password(method, psk(0x50));
  // Refused where the method knows no users.
  static_cast<void>(credentials.add_user("a", method.is_2022() ? psk(0xA0) : secret_of(method)));
  static_cast<void>(credentials.add_user("b", psk(method.key_length == 16 ? 0xB0 : 0xC0)));
  return credentials;
}
inline KeyBytes key_of(const cipher::Method& method) {
  return protocol::ServerCredentials::from_password(method, secret_of(method))->server_key();
}
inline ByteVector request_salt(const cipher::Method& method) {
  return counting(method.salt_length(), 0xD0);
}
inline ByteVector response_salt(const cipher::Method& method) {
  return counting(method.salt_length(), 0x30);
}

inline void seal_record(ConstBytes text, protocol::RecordKey& key, ByteVector& wire) {
  const std::size_t at = wire.size();
  wire.insert(wire.end(), text.begin(), text.end());
  wire.resize(wire.size() + cipher::kTagLength);
  key.seal(Bytes(wire).subspan(at, text.size()), Bytes(wire).last(cipher::kTagLength));
}

/// Feeds `wire` in steps as a pump does, and checks what a decoder promises at each.
inline void open_all(protocol::Decoder& decoder, ConstBytes wire, std::size_t step) {
  ByteVector shown;
  std::size_t opened = 0;
  for (std::size_t rest = wire.size(); rest > 0;) {
    // What is shown at once must stay within what `open` takes.
    const std::size_t fresh = std::min({rest, step, std::size_t{128} * 1024 - shown.size()});
    const ConstBytes next = wire.subspan(wire.size() - rest, fresh);
    shown.insert(shown.end(), next.begin(), next.end());
    rest -= fresh;

    protocol::Decoder::Payload out;
    const Result<std::size_t> consumed = decoder.open(shown, kNow, out);
    std::size_t sum = 0;
    const std::uint8_t* end = shown.data();
    for (const ConstBytes span : out.view()) {
      require(!span.empty() && span.data() >= end);
      end = span.data() + span.size();
      sum += span.size();
    }
    require(sum == out.bytes && end <= shown.data() + shown.size());
    opened += sum;
    require(opened <= wire.size());
    if (!consumed) {
      const Result<std::size_t> again = decoder.open(shown, kNow, out);
      require(!again && again.error() == consumed.error() && out.bytes == 0 && !decoder.may_end(0));
      return;
    }
    require(*consumed <= shown.size() && shown.size() - *consumed < 0xFFFF + cipher::kTagLength);
    shown.erase(shown.begin(), shown.begin() + static_cast<std::ptrdiff_t>(*consumed));
  }
}

}  // namespace ss::fuzz
