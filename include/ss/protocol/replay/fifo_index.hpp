#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ss/base/assert.hpp"

namespace ss::protocol {

/// Entries in the order in which they came, found by their fingerprint, leaving at the old end.
///
/// A ring of entries and a hash table of places in it (open addressing, linear probing, at most half full), both
/// growing and shrinking by halves, so that memory follows use.
///
/// Entry: copyable, with a member `std::uint64_t fingerprint` whose bits are uniform.
/// Owner: one filter. Threads: none. Cost: O(1) amortised, no allocation but where it grows or shrinks.
template <class Entry>
class FifoIndex {
 public:
  FifoIndex() { rebuild(kSmallest); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return ring_.size(); }

  /// The oldest entry.
  /// @pre  size() > 0
  [[nodiscard]] const Entry& front() const {
    SS_ASSERT(size_ > 0);
    return ring_[head_];
  }

  /// Whether an entry with that fingerprint satisfies `same`.
  template <class Same>
  [[nodiscard]] bool contains(std::uint64_t fingerprint, Same same) const {
    for (std::size_t slot = home(fingerprint); places_[slot] != kFree; slot = next(slot)) {
      const Entry& entry = ring_[places_[slot] - 1];
      if (entry.fingerprint == fingerprint && same(entry)) return true;
    }
    return false;
  }

  void push(const Entry& entry) {
    if (size_ == ring_.size()) rebuild(ring_.size() * 2);
    const std::size_t place = (head_ + size_) & (ring_.size() - 1);
    ring_[place] = entry;
    ++size_;
    link(place);
  }

  /// Drops the oldest entry.
  /// @pre  size() > 0
  void pop() {
    SS_ASSERT(size_ > 0);
    unlink(head_);
    head_ = (head_ + 1) & (ring_.size() - 1);
    --size_;
    if (ring_.size() > kSmallest && size_ < ring_.size() / 8) rebuild(ring_.size() / 2);
  }

 private:
  static constexpr std::size_t kSmallest = 16;  // a power of two, as every capacity is
  static constexpr std::uint32_t kFree = 0;     // else a place in the ring, plus one

  [[nodiscard]] std::size_t home(std::uint64_t fingerprint) const { return fingerprint & (places_.size() - 1); }
  [[nodiscard]] std::size_t next(std::size_t slot) const { return (slot + 1) & (places_.size() - 1); }

  void link(std::size_t place) {
    std::size_t slot = home(ring_[place].fingerprint);
    while (places_[slot] != kFree) slot = next(slot);
    places_[slot] = static_cast<std::uint32_t>(place + 1);
  }

  /// Frees the slot of `place` and moves later entries of its run up, so that no probe stops short of one of them.
  void unlink(std::size_t place) {
    const std::size_t mask = places_.size() - 1;
    std::size_t hole = home(ring_[place].fingerprint);
    while (places_[hole] != place + 1) hole = next(hole);
    for (std::size_t slot = next(hole); places_[slot] != kFree; slot = next(slot)) {
      const std::size_t wanted = home(ring_[places_[slot] - 1].fingerprint);
      if (((slot - wanted) & mask) >= ((slot - hole) & mask)) {
        places_[hole] = places_[slot];
        hole = slot;
      }
    }
    places_[hole] = kFree;
  }

  void rebuild(std::size_t capacity) {
    std::vector<Entry> ring(capacity);
    for (std::size_t i = 0; i < size_; ++i) ring[i] = ring_[(head_ + i) & (ring_.size() - 1)];
    ring_ = std::move(ring);
    head_ = 0;
    places_.assign(capacity * 2, kFree);
    places_.shrink_to_fit();
    for (std::size_t i = 0; i < size_; ++i) link(i);
  }

  std::vector<Entry> ring_;
  std::vector<std::uint32_t> places_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ss::protocol
