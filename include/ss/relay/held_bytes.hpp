#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "ss/base/bytes.hpp"

namespace ss::relay {

/// How much all connections of the process hold for slow receivers. Threads: any.
class HeldTotal {
 public:
  static constexpr std::uint64_t kHigh = std::uint64_t{64} * 1024 * 1024;

  /// @param high  beyond so many bytes every direction reads in the smallest portions only, and datagrams that would
  ///              have to wait are dropped.
  explicit HeldTotal(std::uint64_t high = kHigh) : high_(high) {}

  void add(std::uint64_t n) { bytes_.fetch_add(n, std::memory_order_relaxed); }
  void sub(std::uint64_t n) { bytes_.fetch_sub(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t read() const { return bytes_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool high() const { return read() > high_; }

 private:
  const std::uint64_t high_;
  std::atomic<std::uint64_t> bytes_{0};
};

/// Counts bytes that somebody else holds, for as long as it lives.
class HeldNote {
 public:
  HeldNote(HeldTotal& total, std::uint64_t bytes) : total_(total), bytes_(bytes) { total_.add(bytes_); }
  HeldNote(const HeldNote&) = delete;
  HeldNote& operator=(const HeldNote&) = delete;
  ~HeldNote() { total_.sub(bytes_); }

 private:
  HeldTotal& total_;
  std::uint64_t bytes_;
};

/// Bytes that a connection had to keep across a suspension: what a receiver would not take, or an unfinished chunk.
///
/// Costs nothing while empty. Owner: one pump. Threads: the worker's.
class HeldBytes {
 public:
  explicit HeldBytes(HeldTotal& total) : total_(&total) {}
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;
  ~HeldBytes() { clear(); }

  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] ConstBytes view() const { return {bytes_.get() + begin_, size()}; }

  /// Keeps a copy of `spans` from their byte number `skip` on.
  /// @pre  empty()
  void keep(std::span<const ConstBytes> spans, std::size_t skip);
  void keep(ConstBytes bytes) { keep(std::span<const ConstBytes>(&bytes, 1), 0); }
  /// Forgets the first `n` bytes; the memory goes with the last of them.
  /// @pre  n <= size()
  void drop(std::size_t n);
  void clear();

 private:
  HeldTotal* total_;
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
};

}  // namespace ss::relay
