#include "ss/relay/shared_salt_filter.hpp"

namespace ss::relay {

bool SharedSaltFilter::insert(ConstBytes salt, MonoTime now) {
  Shard& shard = shards_[salt.empty() ? 0 : salt.back() % kShards];
  const std::scoped_lock held(shard.lock);
  return shard.filter->insert(salt, now);
}

}  // namespace ss::relay
