#pragma once

#include <cstdint>

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"

namespace ss::protocol {

/// 64 bits of BLAKE3(key | salt): nobody without the key can aim salts at each other's place in a table.
/// @pre  key.size() is 32, salt.size() <= 32
std::uint64_t fingerprint(const KeyBytes& key, ConstBytes salt);

}  // namespace ss::protocol
