#include "connection_counts.hpp"

namespace ss::server {

namespace {

constexpr Duration kGeneration = std::chrono::hours(1);

void add_one(std::atomic<std::uint32_t>& counter) {
  counter.fetch_add(1, std::memory_order_relaxed);
}
void take_one(std::atomic<std::uint32_t>& counter) {
  counter.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace

ConnectionCounts::ConnectionCounts(const ConnectionLimits& limits, const SourceHash& hash)
    : limits_(limits), hash_(hash) {
  for (Shard& shard : shards_) {
    shard.sources = decltype(shard.sources)(0, hash);
    shard.known = SourceSet(0, hash);
    shard.known_before = SourceSet(0, hash);
  }
}

ConnectionCounts::Entry ConnectionCounts::enter(const Source& source, MonoTime now) {
  if (total_.fetch_add(1, std::memory_order_relaxed) >= limits_.total) {
    take_one(total_);
    return {nullptr, Refusal::total};
  }
  Shard& shard = shard_of(source);
  const std::lock_guard lock(shard.lock);
  forget_old(shard, now);
  const bool known = shard.known.contains(source) || shard.known_before.contains(source);
  OfSource& counted = shard.sources[source];
  if (!source.is_loopback() && counted.connections >= limits_.of_source) {
    take_one(total_);
    return {nullptr, Refusal::of_source, known};
  }
  add_one(counted.connections);
  add_one(counted.unauthenticated);
  add_one(unauthenticated_);
  return {&counted, Refusal::none, known};
}

void ConnectionCounts::one_unauthenticated_less(OfSource& counted) {
  take_one(counted.unauthenticated);
  take_one(unauthenticated_);
}

void ConnectionCounts::remember(const Source& source, MonoTime now) {
  Shard& shard = shard_of(source);
  const std::lock_guard lock(shard.lock);
  forget_old(shard, now);
  shard.known.insert(source);
}

void ConnectionCounts::leave(const Source& source, OfSource& counted) {
  Shard& shard = shard_of(source);
  const std::lock_guard lock(shard.lock);
  take_one(total_);
  if (counted.connections.fetch_sub(1, std::memory_order_relaxed) == 1) shard.sources.erase(source);
}

void ConnectionCounts::forget_old(Shard& shard, MonoTime now) {
  if (now - shard.known_since < kGeneration && shard.known.size() < kRemembered / kShards) return;
  shard.known_before.swap(shard.known);
  shard.known.clear();
  shard.known_since = now;
}

}  // namespace ss::server
