#include "ss/protocol/replay/exact_salt_pool.hpp"

#include <algorithm>

#include "ss/protocol/replay/fingerprint.hpp"

namespace ss::protocol {

SaltVerdict ExactSaltPool::insert(ConstBytes salt, UnixSeconds stamp, MonoTime now) {
  while (salts_.size() > 0 && now - salts_.front().inserted >= kLifetime) {
    floor_.raise(salts_.front().stamp);
    salts_.pop();
  }

  Entry entry{fingerprint(key_, salt), now, stamp, {}};
  std::copy(salt.begin(), salt.end(), entry.salt.begin());
  if (salts_.contains(entry.fingerprint, [&](const Entry& known) { return known.salt == entry.salt; })) {
    return SaltVerdict::repeated;
  }
  if (!floor_.admits(stamp, now)) return SaltVerdict::forgotten;
  salts_.push(entry);
  return SaltVerdict::fresh;
}

}  // namespace ss::protocol
