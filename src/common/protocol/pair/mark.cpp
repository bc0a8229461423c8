#include "ss/protocol/pair/mark.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "ss/cipher/blake3.hpp"
#include "ss/cipher/method.hpp"

namespace ss::protocol::pair {
namespace {

constexpr std::string_view kRequest = "shadowsocks-asio v1 request";
constexpr std::string_view kResponse = "shadowsocks-asio v1 response";

using Mark = std::array<std::uint8_t, 8>;

/// @param request_salt  empty for a request's own mark.
Mark mark_of(std::string_view label, const KeyBytes& key, ConstBytes request_salt, ConstBytes random) {
  std::array<std::uint8_t, KeyBytes::kMax + 2 * cipher::kMaxSaltLength> material;
  const Bytes used = ByteWriter(material).bytes(key.reveal()).bytes(request_salt).bytes(random).written();
  Mark mark;
  // Far below the 1,024 bytes that it takes.
  static_cast<void>(cipher::blake3_derive_key(label, used, mark));
  wipe(used);
  return mark;
}

Mark mark_in(std::string_view label, const KeyBytes& key, ConstBytes request_salt, ConstBytes salt) {
  return mark_of(label, key, request_salt, salt.first(salt.size() - mark_length(salt.size())));
}

void put(std::string_view label, const KeyBytes& key, ConstBytes request_salt, Bytes salt) {
  const Mark mark = mark_in(label, key, request_salt, salt);
  const Bytes place = salt.last(mark_length(salt.size()));
  std::copy_n(mark.begin(), place.size(), place.begin());
}

bool has(std::string_view label, const KeyBytes& key, ConstBytes request_salt, ConstBytes salt) {
  const Mark mark = mark_in(label, key, request_salt, salt);
  const std::size_t length = mark_length(salt.size());
  return equal_in_constant_time(ConstBytes(mark).first(length), salt.last(length));
}

}  // namespace

void put_request_mark(const KeyBytes& key, Bytes salt) {
  put(kRequest, key, {}, salt);
}

bool has_request_mark(const KeyBytes& key, ConstBytes salt) {
  return has(kRequest, key, {}, salt);
}

void put_response_mark(const KeyBytes& key, ConstBytes request_salt, Bytes salt) {
  put(kResponse, key, request_salt, salt);
}

bool has_response_mark(const KeyBytes& key, ConstBytes request_salt, ConstBytes salt) {
  return has(kResponse, key, request_salt, salt);
}

}  // namespace ss::protocol::pair
