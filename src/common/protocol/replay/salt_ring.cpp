#include "ss/protocol/replay/salt_ring.hpp"

#include <atomic>

namespace ss::protocol {

SaltRing::SaltRing(Bytes memory, std::size_t salt_length)
    : memory_(memory), salt_length_(salt_length), capacity_((memory.size() - kHead) / record_length(salt_length)) {
  SS_ASSERT(capacity_ >= 1 && memory.size() == bytes_for(salt_length, capacity_));
  SS_ASSERT(reinterpret_cast<std::uintptr_t>(memory.data()) % alignof(std::uint64_t) == 0);
}

void SaltRing::append(ConstBytes salt, UnixSeconds stamp) {
  SS_ASSERT(salt.size() == salt_length_);
  const std::uint64_t count = *word(0);
  const Bytes record = record_of(count);
  if (count >= capacity_) *word(1) = std::max(*word(1), *stamp_in(record));
  // Each step is in the memory before the next one, should this be the last thing that the program does.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::copy(salt.begin(), salt.end(), record.begin());
  *stamp_in(record) = stamp;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  *word(0) = count + 1;
}

}  // namespace ss::protocol
