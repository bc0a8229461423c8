#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "backend.hpp"
#include "ss/base/assert.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/aead.hpp"

namespace ss::cipher {
namespace {

/// Fresh pages, which cost memory only once they are touched.
Slot* map_slots(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
#if defined(MADV_DONTDUMP)
  madvise(memory, bytes, MADV_DONTDUMP);
#endif
  return static_cast<Slot*>(memory);
}

}  // namespace

KeyCache::KeyCache(std::size_t slots)
    : slots_(map_slots(slots * sizeof(Slot))),
      uses_(slots),
      slots_per_page_(std::max<std::size_t>(1, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / sizeof(Slot))) {
  SS_ASSERT(slots > 0);
}

KeyCache::~KeyCache() {
  for (std::size_t i = 0; i < touched_; ++i) {
    free_openssl_context(slots_[i]);
    wipe(slots_[i].material);
  }
  munmap(slots_, uses_.size() * sizeof(Slot));
}

Slot* KeyCache::find(const Place& place) {
  Use& use = uses_[place.index];
  if (place.stamp == 0 || use.stamp != place.stamp) return nullptr;
  use.recent = true;
  return &slots_[place.index];
}

Slot& KeyCache::claim(Place& place) {
  std::uint32_t index = kNone;
  if (free_ != kNone) {
    index = free_;
    free_ = uses_[index].next_free;
  } else if (touched_ < uses_.size()) {
    index = static_cast<std::uint32_t>(touched_++);
    lock_page_of(index);
  } else {
    index = evict();
  }
  uses_[index].stamp = ++stamps_;
  uses_[index].recent = true;
  place = {uses_[index].stamp, index};
  return slots_[index];
}

void KeyCache::release(const Place& place) {
  Use& use = uses_[place.index];
  if (place.stamp == 0 || use.stamp != place.stamp) return;
  Slot& slot = slots_[place.index];
  wipe(slot.material);
  if (slot.context != nullptr) forget_openssl_key(slot);
  use.stamp = 0;
  use.next_free = free_;
  free_ = place.index;
}

/// Second chance: the hand takes the first slot that was not used since it last came by.
std::uint32_t KeyCache::evict() {
  while (uses_[hand_].recent) {
    uses_[hand_].recent = false;
    hand_ = (hand_ + 1) % uses_.size();
  }
  const std::size_t index = hand_;
  hand_ = (hand_ + 1) % uses_.size();
  return static_cast<std::uint32_t>(index);
}

/// Locks pages one by one as they come into use, because locking all of them would also touch all of them. Where the
/// limit on locked memory is reached the key may be swapped out, and everything else goes on.
void KeyCache::lock_page_of(std::uint32_t index) {
  if (index % slots_per_page_ != 0) return;
  const std::size_t count = std::min<std::size_t>(slots_per_page_, uses_.size() - index);
  static_cast<void>(mlock(&slots_[index], count * sizeof(Slot)));
}

}  // namespace ss::cipher
