#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace ss::bench {

inline constexpr std::size_t kStep = std::size_t{256} * 1024;  ///< most that one send or receive moves

/// The bytes that every stream carries: noise that repeats after an odd length, so that a lost, repeated or swapped
/// piece lands at another place of it. Checking costs one memcmp.
class Pattern {
 public:
  Pattern() : bytes_(kPeriod + kStep) {
    std::uint64_t state = 0x9E3779B97F4A7C15;
    for (std::size_t i = 0; i < kPeriod; ++i) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      bytes_[i] = static_cast<std::uint8_t>(state);
    }
    std::memcpy(bytes_.data() + kPeriod, bytes_.data(), kStep);
  }

  /// What stands at `offset` of a stream, at most kStep bytes of it.
  [[nodiscard]] std::span<const std::uint8_t> at(std::uint64_t offset, std::uint64_t wanted) const {
    return {bytes_.data() + offset % kPeriod, static_cast<std::size_t>(wanted < kStep ? wanted : kStep)};
  }
  [[nodiscard]] bool matches(std::uint64_t offset, std::span<const std::uint8_t> got) const {
    return std::memcmp(bytes_.data() + offset % kPeriod, got.data(), got.size()) == 0;
  }

 private:
  static constexpr std::size_t kPeriod = (1U << 20) - 3;
  std::vector<std::uint8_t> bytes_;
};

inline const Pattern& pattern() {
  static const Pattern instance;
  return instance;
}

/// What a client asks of the target, first thing in its stream:  [kind u8][count u64, host order]
enum class Kind : std::uint8_t {
  source = 'S',    ///< send `count` bytes
  sink = 'K',      ///< take `count` bytes, then answer kGood or kBad
  echo = 'E',      ///< send back what comes, until the client ends
  exchange = 'X',  ///< take kExchange bytes, this question included, and answer as many
};
inline constexpr std::size_t kQuestion = 9;
inline constexpr std::size_t kExchange = 100;
inline constexpr std::uint8_t kGood = 1;
inline constexpr std::uint8_t kBad = 0;

inline std::array<std::uint8_t, kQuestion> question(Kind kind, std::uint64_t count) {
  std::array<std::uint8_t, kQuestion> bytes{static_cast<std::uint8_t>(kind)};
  std::memcpy(bytes.data() + 1, &count, sizeof count);
  return bytes;
}

}  // namespace ss::bench
