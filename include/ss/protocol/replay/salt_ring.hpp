#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ss/base/assert.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"

namespace ss::protocol {

/// The last salts of one shard, in memory that outlives the program (a mapped file).
///
///   [count u64][dropped u64][record 0] … [record capacity − 1]        record: [salt, zeros up to 8 n bytes][stamp u64]
///
/// In the byte order of the machine. `count` is of all salts that ever came; salt n lies in record n mod capacity.
/// `dropped` is the newest stamp whose record was written over. A program that is killed at any moment leaves whole
/// records behind: a record counts once it is written. Whatever the memory holds, nothing outside it is touched.
///
/// Owner: the filter in front of it. Threads: none; whoever shares it locks. Cost: one copy a salt.
class SaltRing {
 public:
  /// @param salt_length  of the method
  /// @param capacity  salts, >= 1
  [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t salt_length, std::size_t capacity) {
    return kHead + capacity * record_length(salt_length);
  }

  /// @param memory  zeros, or what a ring of the same salt length and capacity has left there; outlives this.
  /// @pre  memory.size() == bytes_for(salt_length, capacity), at a multiple of 8
  SaltRing(Bytes memory, std::size_t salt_length);

  /// @pre  salt.size() is the salt length
  void append(ConstBytes salt, UnixSeconds stamp);

  /// Calls `visit(ConstBytes salt, UnixSeconds stamp)` for each salt, the oldest first.
  template <class Visit>
  void for_each(Visit visit) const {
    const std::uint64_t count = *word(0);
    for (std::uint64_t n = count - std::min<std::uint64_t>(count, capacity_); n != count; ++n) {
      const Bytes record = record_of(n);
      visit(ConstBytes(record.first(salt_length_)), *stamp_in(record));
    }
  }

  /// The newest stamp of a salt that is gone; 0: none is.
  [[nodiscard]] UnixSeconds dropped() const { return *word(1); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  static constexpr std::size_t kHead = 16;
  static constexpr std::size_t record_length(std::size_t salt_length) {
    return (salt_length + 7) / 8 * 8 + sizeof(UnixSeconds);
  }

  [[nodiscard]] std::uint64_t* word(std::size_t index) const {
    return reinterpret_cast<std::uint64_t*>(memory_.data()) + index;
  }
  [[nodiscard]] Bytes record_of(std::uint64_t n) const {
    const std::size_t length = record_length(salt_length_);
    return memory_.subspan(kHead + static_cast<std::size_t>(n % capacity_) * length, length);
  }
  static UnixSeconds* stamp_in(Bytes record) {
    return reinterpret_cast<UnixSeconds*>(record.data() + record.size() - sizeof(UnixSeconds));
  }

  Bytes memory_;
  std::size_t salt_length_;
  std::size_t capacity_;
};

}  // namespace ss::protocol
