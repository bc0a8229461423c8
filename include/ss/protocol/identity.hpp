#pragma once

#include <array>
#include <cstdint>

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"
#include "ss/protocol/credentials.hpp"

namespace ss::protocol {

/// One identity header of a stream (SIP023 "TCP"): it names the next key to whoever holds this one.
///
///   AES-ECB(key = identity subkey of (iPSK, salt), first 16 bytes of BLAKE3(next PSK))
inline constexpr std::size_t kIdentityHeader = 16;

/// Writes the identity headers of a chain, outermost first.
/// @pre  out.size() >= kIdentityHeader * credentials.identity_keys().size()
/// @return  bytes written
std::size_t put_identity_headers(const ClientCredentials& credentials, ConstBytes salt, Bytes out);

/// The hash inside the identity header that was sealed for `server_key`. Any 16 bytes yield some hash: whether a user
/// has it decides.
/// @pre  header.size() == kIdentityHeader; server_key.size() is 16 or 32
std::array<std::uint8_t, kIdentityHeader> open_identity_header(const KeyBytes& server_key, ConstBytes salt,
                                                               ConstBytes header);

}  // namespace ss::protocol
