#pragma once

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"

/// The pair extension: what our own two programs tell each other inside ordinary authenticated streams. To everybody
/// else a mark is as random as the rest of its salt, and says nothing.
namespace ss::protocol::pair {

/// How many bytes of a salt the mark takes: its last 8, or 6 of 16. The rest stays random, 80 bits at least.
/// @pre  salt_length is 16, 24 or 32
constexpr std::size_t mark_length(std::size_t salt_length) {
  return salt_length == 16 ? 6 : 8;
}

/// Ends a request salt in its mark:  r | first bytes of BLAKE3 derive_key("shadowsocks-asio v1 request", key | r)
///
/// @param key   2022: the user's PSK; SIP004: the master key.
/// @param salt  whole, of 16, 24 or 32 bytes, with r drawn.
void put_request_mark(const KeyBytes& key, Bytes salt);
/// Whether a request salt ends in its mark. Only what has authenticated may be asked about. Compares in constant time.
/// @pre  as put_request_mark
[[nodiscard]] bool has_request_mark(const KeyBytes& key, ConstBytes salt);

/// The same for a response:  r' | first bytes of derive_key("shadowsocks-asio v1 response", key | request salt | r')
/// It answers that request alone, so it is fresh.
/// @pre  as put_request_mark; both salts are of one length
void put_response_mark(const KeyBytes& key, ConstBytes request_salt, Bytes salt);
[[nodiscard]] bool has_response_mark(const KeyBytes& key, ConstBytes request_salt, ConstBytes salt);

}  // namespace ss::protocol::pair
