#include "ss/relay/shared_salt_filter.hpp"

namespace ss::relay {

protocol::SaltVerdict SharedSaltFilter::insert(ConstBytes salt, UnixSeconds stamp, MonoTime now) {
  const Shard& shard = shard_of(salt);
  const std::scoped_lock held(shard.lock);
  return shard.filter->insert(salt, stamp, now);
}

void SharedSaltFilter::expect(ConstBytes salt) const {
  const Shard& shard = shard_of(salt);
  // While another worker is at it, whose memory is what would be fetched, nothing is gained by waiting.
  const std::unique_lock held(shard.lock, std::try_to_lock);
  if (held) shard.filter->expect(salt);
}

const SharedSaltFilter::Shard& SharedSaltFilter::shard_of(ConstBytes salt) const {
  return shards_[salt.empty() ? 0 : salt.back() % kShards];
}

}  // namespace ss::relay
