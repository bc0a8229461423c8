#pragma once

#include <cstddef>
#include <cstdint>

#include "ss/base/bytes.hpp"

namespace ss::cipher {

constexpr std::size_t kSipHashKey = 16;

/// SipHash-2-4: 64 bits that nobody without the key can foretell or aim at, for tables and marks. 18 ns for a salt of
/// 32 bytes where BLAKE3 takes 119 (cipher_bench, one machine).
/// @pre  key.size() == kSipHashKey
[[nodiscard]] std::uint64_t siphash(ConstBytes key, ConstBytes input);

}  // namespace ss::cipher
