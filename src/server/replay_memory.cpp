#include "replay_memory.hpp"

#include <optional>
#include <utility>

#include "ss/protocol/header2022.hpp"
#include "ss/protocol/replay/exact_salt_pool.hpp"
#include "ss/protocol/replay/recent_salt_set.hpp"
#include "ss/protocol/replay/stored_salts.hpp"

namespace ss::server {

using protocol::ExactSaltPool;
using protocol::RecentSaltSet;
using protocol::SaltFilter;
using protocol::SaltRing;
using protocol::StoredSalts;
using relay::SharedSaltFilter;

namespace {

KeyBytes random_key(Entropy& entropy) {
  KeyBytes key = KeyBytes::of_size(KeyBytes::kMax);
  entropy.fill(key.writable());
  return key;
}

}  // namespace

ReplayMemory::ReplayMemory(const cipher::Method& method, std::unique_ptr<ReplayStore> store, Entropy& entropy,
                           const Clock& clock)
    : method_(method),
      clock_(clock),
      store_(std::move(store)),
      key_(random_key(entropy)),
      stream_salts_([this](std::size_t shard) { return stream_shard(shard); }),
      packet_salts_([this](std::size_t shard) { return packet_shard(shard); }),
      packet_stamps_(store_ != nullptr ? &store_->newest_packet_stamp() : nullptr) {
  guard(packet_stamps_.floor());
}

void ReplayMemory::guard(protocol::StampFloor& floor) const {
  if (store_ && store_->gap()) floor.refuse_until(store_->gap()->up_to, clock_.now() + protocol::kTimelyFor);
}

std::unique_ptr<SaltFilter> ReplayMemory::stream_shard(std::size_t shard) const {
  std::optional<SaltRing> ring;
  if (store_) ring = store_->stream_ring(shard);
  if (!method_.is_2022()) return recent_salts(ring ? &*ring : nullptr);
  auto pool = std::make_unique<ExactSaltPool>(key_);
  if (!ring) return pool;
  protocol::restore(*pool, *ring, clock_.unix_now(), clock_.now());
  guard(pool->floor());
  return std::make_unique<StoredSalts>(std::move(pool), *ring);
}

/// With 2022 methods packets have numbers and stamps, and their salts are not asked for.
std::unique_ptr<SaltFilter> ReplayMemory::packet_shard(std::size_t shard) const {
  std::optional<SaltRing> ring;
  if (store_ && !method_.is_2022()) ring = store_->packet_ring(shard);
  return recent_salts(ring ? &*ring : nullptr);
}

/// The last million of all shards, as many as one key remembers where there is no clock.
std::unique_ptr<SaltFilter> ReplayMemory::recent_salts(const SaltRing* ring) const {
  auto set = std::make_unique<RecentSaltSet>(key_, RecentSaltSet::kCapacity / SharedSaltFilter::kShards);
  if (ring == nullptr) return set;
  protocol::restore(*set, *ring);
  return std::make_unique<StoredSalts>(std::move(set), *ring);
}

}  // namespace ss::server
