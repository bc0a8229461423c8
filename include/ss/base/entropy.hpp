#pragma once

#include <cstdint>

#include "ss/base/bytes.hpp"

namespace ss {

/// Where randomness comes from: the kernel in programs (cipher/random.hpp), a seed in tests.
/// Threads: any.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(Bytes out) = 0;

  /// A uniform number in [low, high].
  /// @pre  low <= high
  std::uint32_t uniform(std::uint32_t low, std::uint32_t high) {
    // Multiply-shift over 64 random bits: the bias is below 2^-32.
    std::uint64_t bits = 0;
    fill({reinterpret_cast<std::uint8_t*>(&bits), sizeof bits});
    const std::uint64_t width = std::uint64_t{high} - low + 1;
    return low + static_cast<std::uint32_t>((bits >> 32) * width >> 32);
  }
};

}  // namespace ss
