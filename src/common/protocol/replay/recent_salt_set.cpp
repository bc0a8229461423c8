#include "ss/protocol/replay/recent_salt_set.hpp"

#include "ss/protocol/replay/fingerprint.hpp"

namespace ss::protocol {

bool RecentSaltSet::insert(ConstBytes salt, MonoTime /*now*/) {
  const Entry entry{fingerprint(key_, salt)};
  if (salts_.contains(entry.fingerprint, [](const Entry&) { return true; })) return false;
  if (salts_.size() == capacity_) salts_.pop();
  salts_.push(entry);
  return true;
}

}  // namespace ss::protocol
