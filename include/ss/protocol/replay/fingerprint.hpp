#pragma once

#include <cstdint>

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"

namespace ss::protocol {

/// 64 bits of a salt under the first 16 bytes of `key` (SipHash-2-4): nobody without the key can aim salts at each
/// other's place in a table. With BLAKE3 a fresh salt cost 100 ns more, of which an echoed SIP004 packet has four.
/// @pre  key.size() >= 16
std::uint64_t fingerprint(const KeyBytes& key, ConstBytes salt);

}  // namespace ss::protocol
