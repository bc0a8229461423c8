#pragma once

#include <atomic>

#include "ss/base/clock.hpp"

namespace ss::protocol {

/// The newest stamp of what has been forgotten: at it or below it, nobody knows any more what has come before.
///
/// While the wall clock runs on, such stamps are too old anyway. Where it is set back, or the program was started
/// again, they would pass (docs/decisions/0022).
///
/// Threads: any; `refuse_until` before there are others.
class StampFloor {
 public:
  [[nodiscard]] bool admits(UnixSeconds stamp, MonoTime now) const {
    return stamp > floor_.load(std::memory_order_relaxed) && (stamp > guarded_ || now >= guarded_until_);
  }

  /// Something of that stamp has been forgotten.
  void raise(UnixSeconds stamp) {
    UnixSeconds known = floor_.load(std::memory_order_relaxed);
    while (known < stamp && !floor_.compare_exchange_weak(known, stamp, std::memory_order_relaxed)) {
    }
  }

  /// For that long, nothing up to that stamp is admitted. It ends by itself, since the stamp is by a clock that may be
  /// far ahead when the machine has just been started.
  void refuse_until(UnixSeconds stamp, MonoTime until) {
    guarded_ = stamp;
    guarded_until_ = until;
  }

 private:
  std::atomic<UnixSeconds> floor_{0};
  UnixSeconds guarded_ = 0;
  MonoTime guarded_until_{};
};

}  // namespace ss::protocol
