#pragma once

#include <algorithm>
#include <cstdint>

#include "ss/relay/scratch.hpp"

namespace ss::relay {

/// How much one direction reads at a time, and how long its chunks are.
///
/// The budget starts at 32 KiB, doubles after full reads that were written whole, up to kMaxBatch, and falls to 16 KiB
/// when the receiver stops taking, so that a slow receiver holds little and a quick one is served in large batches.
/// Long 2022 chunks come only after 1 MiB went through without a stop: on a slow path a 64 KiB chunk would hold its
/// first byte back until its last has arrived.
class ReadBudget {
 public:
  static constexpr std::size_t kLow = std::size_t{16} * 1024;
  static constexpr std::size_t kStart = std::size_t{32} * 1024;
  /// Two of the longest segments that loopback carries (65,483 B), less the lengths and tags of the chunks. A few bytes
  /// more would go as a third segment with an interrupt and a wake-up of its own: 1.10 CPU s/GiB instead of 0.86.
  static constexpr std::size_t kMaxBatch = 130'000;
  static constexpr std::size_t kShortChunk = 0x3FFF;
  static constexpr std::uint32_t kLongChunksAfter = 1024 * 1024;

  /// @param crowded  all connections together hold too much (HeldTotal::high).
  [[nodiscard]] std::size_t bytes(bool crowded) const { return crowded ? kLow : budget_; }
  [[nodiscard]] std::size_t chunk(std::size_t max_payload) const {
    return flowed_ >= kLongChunksAfter ? max_payload : std::min(max_payload, kShortChunk);
  }

  /// @param filled  whether the read before it used up all it was given: the sender has more than the budget takes.
  void written_whole(std::size_t bytes, bool filled) {
    flowed_ = static_cast<std::uint32_t>(std::min<std::size_t>(kLongChunksAfter, flowed_ + bytes));
    if (filled) budget_ = static_cast<std::uint32_t>(std::min(kMaxBatch, std::size_t{budget_} * 2));
  }
  void stopped() {
    flowed_ = 0;
    budget_ = kLow;
  }

 private:
  static_assert(kMaxBatch <= kMaxHeld);
  std::uint32_t budget_ = kStart;
  std::uint32_t flowed_ = 0;
};

}  // namespace ss::relay
