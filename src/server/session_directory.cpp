#include "session_directory.hpp"

#include <utility>

namespace ss::server {

SessionDirectory::SessionDirectory(const AssociationKeyHash& hash) : hash_(hash) {
  for (Shard& shard : shards_) shard.inbound_of = decltype(shard.inbound_of)(0, hash);
}

unsigned SessionDirectory::attach(Mailbox mailbox) {
  const std::lock_guard<std::mutex> guard(boxes_lock_);
  boxes_.emplace_back().mailbox = std::move(mailbox);
  return static_cast<unsigned>(boxes_.size() - 1);
}

unsigned SessionDirectory::claim(const AssociationKey& key, unsigned inbound) {
  Shard& shard = shard_of(key);
  const std::lock_guard<std::mutex> guard(shard.lock);
  return shard.inbound_of.emplace(key, inbound).first->second;
}

void SessionDirectory::release(const AssociationKey& key) {
  Shard& shard = shard_of(key);
  const std::lock_guard<std::mutex> guard(shard.lock);
  shard.inbound_of.erase(key);
}

bool SessionDirectory::reserve(unsigned inbound) {
  std::atomic<std::uint32_t>& under_way = box(inbound).under_way;
  if (under_way.fetch_add(1, std::memory_order_relaxed) < kMaxUnderWay) return true;
  under_way.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void SessionDirectory::hand_over(unsigned inbound, RoamedPacket&& packet) {
  box(inbound).mailbox(std::move(packet));
}

void SessionDirectory::taken(unsigned inbound) {
  box(inbound).under_way.fetch_sub(1, std::memory_order_relaxed);
}

// A deque's elements stay where they are while others are added.
SessionDirectory::Box& SessionDirectory::box(unsigned inbound) {
  const std::lock_guard<std::mutex> guard(boxes_lock_);
  return boxes_[inbound];
}

}  // namespace ss::server
