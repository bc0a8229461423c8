#include "ss/protocol/replay/stored_salts.hpp"

#include <algorithm>

#include "ss/protocol/header2022.hpp"

namespace ss::protocol {

void restore(ExactSaltPool& pool, const SaltRing& ring, UnixSeconds unix_now, MonoTime now) {
  UnixSeconds forgotten = ring.dropped();
  ring.for_each([&](ConstBytes salt, UnixSeconds stamp) {
    const bool can_pass = stamp >= unix_now || is_timely(stamp, unix_now);
    // Whether it is in there already, as a file that is not ours may have it, makes no difference.
    if (can_pass) {
      static_cast<void>(pool.insert(salt, stamp, now));
    } else {
      forgotten = std::max(forgotten, stamp);
    }
  });
  pool.floor().raise(forgotten);
}

void restore(RecentSaltSet& set, const SaltRing& ring) {
  ring.for_each([&](ConstBytes salt, UnixSeconds stamp) { static_cast<void>(set.insert(salt, stamp, MonoTime{})); });
}

}  // namespace ss::protocol
