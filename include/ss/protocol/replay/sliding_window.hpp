#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ss::protocol {

/// The packet IDs of one 2022 UDP session that have been seen (SIP022 3.2.2 "Sliding Window Filter").
///
/// Remembers the newest ID and which of the `Size` IDs before it have come; what is older counts as seen.
///
/// Owner: a packet session. Threads: none. Cost: no allocation; Size / 8 + 16 bytes.
template <std::uint64_t Size>
class SlidingWindowOf {
 public:
  static constexpr std::uint64_t kSize = Size;
  static_assert(Size % 64 == 0 && Size >= 64);

  /// Whether a packet of that ID would be taken. Nothing changes: ask before opening.
  [[nodiscard]] bool is_fresh(std::uint64_t packet_id) const {
    if (packet_id > newest_) return true;
    return newest_ - packet_id <= Size && (seen_[word_of(packet_id)] & bit_of(packet_id)) == 0;
  }

  /// The highest ID that has come; 0 where none has.
  [[nodiscard]] std::uint64_t newest() const { return newest_; }

  /// Notes a packet that has authenticated and passed every other check.
  /// @return false: it is not fresh, and nothing changed.
  [[nodiscard]] bool commit(std::uint64_t packet_id) {
    if (!is_fresh(packet_id)) return false;
    if (packet_id > newest_) {
      advance_to(packet_id / 64);
      newest_ = packet_id;
    }
    seen_[word_of(packet_id)] |= bit_of(packet_id);
    return true;
  }

 private:
  static constexpr std::size_t kWords = Size / 64 + 1;  // one word of slack, so that whole words leave

  static std::size_t word_of(std::uint64_t packet_id) { return static_cast<std::size_t>(packet_id / 64 % kWords); }
  static std::uint64_t bit_of(std::uint64_t packet_id) { return std::uint64_t{1} << packet_id % 64; }

  /// Empties the words between the newest one and `block`, and that one; all of them where it is a ring away.
  void advance_to(std::uint64_t block) {
    std::uint64_t at = newest_ / 64;
    if (block - at > kWords) at = block - kWords;
    while (at != block) seen_[static_cast<std::size_t>(++at % kWords)] = 0;
  }

  std::array<std::uint64_t, kWords> seen_{};
  // 0 where nothing has come, too: then its bit is not set, and every ID is fresh.
  std::uint64_t newest_ = 0;
};

/// 264 bytes: a session has little more. At 100,000 packets a second it bears 20 ms of reordering.
using SlidingWindow = SlidingWindowOf<1984>;

}  // namespace ss::protocol
