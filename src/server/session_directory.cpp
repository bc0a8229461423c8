#include "session_directory.hpp"

#include <utility>

namespace ss::server {

unsigned SessionDirectory::claim(const AssociationKey& key, unsigned worker) {
  if (boxes_.size() == 1) return worker;
  Shard& shard = shard_of(key);
  const std::lock_guard<std::mutex> guard(shard.lock);
  return shard.worker_of.emplace(key, worker).first->second;
}

void SessionDirectory::release(const AssociationKey& key) {
  if (boxes_.size() == 1) return;
  Shard& shard = shard_of(key);
  const std::lock_guard<std::mutex> guard(shard.lock);
  shard.worker_of.erase(key);
}

void SessionDirectory::hand_over(unsigned worker, const RoamedPacket& packet) {
  Box& box = boxes_[worker];
  if (box.under_way.fetch_add(1, std::memory_order_relaxed) >= kMaxUnderWay) {
    box.under_way.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  box.mailbox(packet);
}

}  // namespace ss::server
