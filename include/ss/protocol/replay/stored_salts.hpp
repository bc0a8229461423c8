#pragma once

#include <memory>
#include <utility>

#include "ss/protocol/replay/exact_salt_pool.hpp"
#include "ss/protocol/replay/recent_salt_set.hpp"
#include "ss/protocol/replay/salt_filter.hpp"
#include "ss/protocol/replay/salt_ring.hpp"

namespace ss::protocol {

/// A filter whose salts outlive the program: each fresh one goes into a ring before its stream is served.
///
/// Owner: the shard. Threads: none; whoever shares it locks.
class StoredSalts final : public SaltFilter {
 public:
  /// @param filter  knows the ring's salts already (`restore`).
  StoredSalts(std::unique_ptr<SaltFilter> filter, const SaltRing& ring) : filter_(std::move(filter)), ring_(ring) {}

  [[nodiscard]] SaltVerdict insert(ConstBytes salt, UnixSeconds stamp, MonoTime now) override {
    const SaltVerdict verdict = filter_->insert(salt, stamp, now);
    if (verdict == SaltVerdict::fresh) ring_.append(salt, stamp);
    return verdict;
  }
  void expect(ConstBytes salt) const override { filter_->expect(salt); }

 private:
  std::unique_ptr<SaltFilter> filter_;
  SaltRing ring_;
};

/// Puts into `pool` what the ring holds: salts whose stamps can pass at `now` or later, as if they had come just now.
/// The newest stamp of the others, and of those that the ring has lost, is its floor.
void restore(ExactSaltPool& pool, const SaltRing& ring, UnixSeconds unix_now, MonoTime now);
/// Puts all of the ring's salts into `set`.
void restore(RecentSaltSet& set, const SaltRing& ring);

}  // namespace ss::protocol
