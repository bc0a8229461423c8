#include "ss/protocol/client_handshake.hpp"

#include <algorithm>

#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/identity.hpp"
#include "ss/protocol/pair/mark.hpp"

namespace ss::protocol {
namespace {

using cipher::kTagLength;

/// First payloads below this are padded even though they need not be.
constexpr std::size_t kPaddedPayload = 900;

static_assert(cipher::kMaxSaltLength + ClientCredentials::kMaxIdentityKeys * kIdentityHeader + FixedHeader::kLength +
                  kTagLength + kMaxAddressLength + 2 +
                  std::max(kMaxPadding + kPaddedPayload, ClientHandshake::kMaxFirstPayload) + kTagLength <=
              ClientHandshake::kMaxFirstFlight);
static_assert(kMaxAddressLength + ClientHandshake::kMaxFirstPayload <= kMaxPayload2017);

}  // namespace

ClientHandshake::ClientHandshake(const ClientCredentials& credentials, cipher::KeyCache& keys, Entropy& entropy,
                                 bool marked)
    : credentials_(credentials),
      keys_(keys),
      entropy_(entropy),
      marked_(marked && credentials.method().family != cipher::Family::plain) {
  const Bytes salt = Bytes(salt_).first(credentials_.method().salt_length());
  entropy_.fill(salt);
  if (marked_) pair::put_request_mark(credentials_.key(), salt);
}

ConstBytes ClientHandshake::salt() const {
  return ConstBytes(salt_).first(credentials_.method().salt_length());
}

std::size_t ClientHandshake::first_flight(const TargetAddress& target, ConstBytes payload, UnixSeconds now, Bytes out) {
  SS_ASSERT(payload.size() <= kMaxFirstPayload && out.size() >= kMaxFirstFlight && !key_);
  const cipher::Method& method = credentials_.method();
  if (method.family == cipher::Family::plain) {
    const std::size_t address = put_address(target, out);
    std::copy(payload.begin(), payload.end(), out.subspan(address).begin());
    return address + payload.size();
  }
  std::copy(salt().begin(), salt().end(), out.begin());
  std::size_t used = salt().size();
  key_.emplace(RecordKey::derive(method, credentials_.key(), keys_, salt()));
  if (method.is_2022()) {
    used += put_identity_headers(credentials_, salt(), out.subspan(used));
    return used + put_headers_2022(target, payload, now, *key_, out.subspan(used));
  }
  return used + put_chunk_2017(target, payload, *key_, out.subspan(used));
}

/// Address and payload share one chunk: there are servers that give up where the first read holds a part of the
/// address.
std::size_t ClientHandshake::put_chunk_2017(const TargetAddress& target, ConstBytes payload, RecordKey& key,
                                            Bytes out) {
  const std::size_t address = put_address(target, out.subspan(kLengthChunk));
  std::copy(payload.begin(), payload.end(), out.subspan(kLengthChunk + address).begin());
  const std::size_t length = address + payload.size();
  put_u16be(out.data(), static_cast<std::uint16_t>(length));
  key.seal(out.first(2), out.subspan(2, kTagLength));
  key.seal(out.subspan(kLengthChunk, length), out.subspan(kLengthChunk + length, kTagLength));
  return kLengthChunk + length + kTagLength;
}

std::size_t ClientHandshake::put_headers_2022(const TargetAddress& target, ConstBytes payload, UnixSeconds now,
                                              RecordKey& key, Bytes out) {
  std::size_t padding = 0;
  if (payload.size() < kPaddedPayload) padding = entropy_.uniform(payload.empty() ? 1 : 0, kMaxPadding);
  const std::size_t length = variable_header_length(target, padding, payload.size());

  put_fixed_header({now, static_cast<std::uint16_t>(length)}, out.first(FixedHeader::kLength));
  key.seal(out.first(FixedHeader::kLength), out.subspan(FixedHeader::kLength, kTagLength));
  const Bytes variable = out.subspan(FixedHeader::kLength + kTagLength, length + kTagLength);
  entropy_.fill(put_variable_header(target, padding, payload, variable.first(length)));
  key.seal(variable.first(length), variable.last(kTagLength));
  return FixedHeader::kLength + kTagLength + variable.size();
}

Encoder ClientHandshake::take_encoder() {
  if (!key_) return Encoder::plain();
  return Encoder::continuing(credentials_.method(), std::move(*key_));
}

Decoder ClientHandshake::take_decoder() {
  if (credentials_.method().family == cipher::Family::plain) return Decoder::plain();
  return Decoder::opening(credentials_.method(), credentials_.key(), keys_, salt(), marked_);
}

}  // namespace ss::protocol
