#include "ss/protocol/replay/exact_salt_pool.hpp"

#include <algorithm>

#include "ss/protocol/replay/fingerprint.hpp"

namespace ss::protocol {

bool ExactSaltPool::insert(ConstBytes salt, MonoTime now) {
  while (salts_.size() > 0 && now - salts_.front().inserted >= kLifetime) salts_.pop();

  Entry entry{fingerprint(key_, salt), now, {}};
  std::copy(salt.begin(), salt.end(), entry.salt.begin());
  if (salts_.contains(entry.fingerprint, [&](const Entry& known) { return known.salt == entry.salt; })) return false;
  salts_.push(entry);
  return true;
}

}  // namespace ss::protocol
