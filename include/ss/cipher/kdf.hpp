#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ss/base/bytes.hpp"
#include "ss/base/errc.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"

namespace ss::cipher {

/// EVP_BytesToKey with MD5, no salt, one iteration: the master key of a SIP004 password.
/// @pre  key_length <= 32
KeyBytes master_key_from_password(ConstBytes password, std::size_t key_length);

/// HKDF-SHA1 (RFC 5869) with info "ss-subkey": the subkey of one SIP004 stream or packet (SIP004 "Key Derivation").
/// @pre  master_key.size() == the length of the subkey; salt.size() likewise
KeyBytes subkey_2017(const KeyBytes& master_key, ConstBytes salt);

/// BLAKE3.derive_key("shadowsocks 2022 session subkey", psk | salt) (SIP022 "Session Subkey").
KeyBytes subkey_2022(const KeyBytes& psk, ConstBytes salt);

/// BLAKE3.derive_key("shadowsocks 2022 identity subkey", ipsk | salt) (SIP023 "TCP").
KeyBytes identity_subkey(const KeyBytes& ipsk, ConstBytes salt);

/// The first 16 bytes of BLAKE3(psk): what an identity header carries (SIP023).
std::array<std::uint8_t, 16> psk_hash(const KeyBytes& psk);

/// The subkey of one stream under `method`.
/// @pre  method.family is not plain
KeyBytes stream_subkey(const Method& method, const KeyBytes& key, ConstBytes salt);

}  // namespace ss::cipher
