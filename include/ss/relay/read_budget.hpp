#pragma once

#include <algorithm>
#include <cstdint>

#include "ss/net/stream.hpp"
#include "ss/protocol/chunks.hpp"
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
  /// The longest segment that loopback carries. Chunks are made so that whole ones fill it, and a batch fills two: a
  /// few bytes more would go as a third segment with an interrupt and a wake-up of its own (1.10 CPU s/GiB instead of
  /// 0.86), and a chunk that is cut by the end of a read has to be kept until its rest has come (0.54 instead of 0.48).
  static constexpr std::size_t kSegment = 65'483;
  static constexpr std::size_t kShortChunk = kSegment / 4 - protocol::kChunkOverhead;
  static constexpr std::size_t kLongChunk = kSegment - protocol::kChunkOverhead;
  /// Of payload; and of wire bytes, which are more by what stands around each of its chunks.
  static constexpr std::size_t kMaxBatch = 2 * kLongChunk;
  static constexpr std::size_t kMaxWireBatch = 2 * kSegment;
  static constexpr std::uint32_t kLongChunksAfter = 1024 * 1024;

  /// @param crowded  all connections together hold too much (HeldTotal::high).
  [[nodiscard]] std::size_t bytes(bool crowded) const { return crowded ? kLow : budget_; }
  /// The same for a read of wire bytes.
  [[nodiscard]] std::size_t wire_bytes(bool crowded) const { return bytes(crowded) + kMaxWireBatch - kMaxBatch; }
  [[nodiscard]] std::size_t chunk(std::size_t max_payload) const {
    return std::min(max_payload, flowed_ >= kLongChunksAfter ? kLongChunk : kShortChunk);
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
  static_assert(kMaxWireBatch <= kMaxHeld);
  static_assert(kLow >= net::kBulk, "a full read must be bulk to the poll, however small the budget is");
  std::uint32_t budget_ = kStart;
  std::uint32_t flowed_ = 0;
};

}  // namespace ss::relay
