#pragma once

#include <atomic>

#include "ss/base/clock.hpp"
#include "ss/protocol/replay/stamp_floor.hpp"

namespace ss::protocol {

/// What the stamps of 2022 packets tell where their session is not known: whether they may be replays of one that was.
///
/// A session's window is kept until no packet of it can pass the clock. What it then leaves behind is the stamp of its
/// newest packet, as the floor of packets that open sessions. The newest of all outlives the program, where there is a
/// place for it, as the next one's floor.
///
/// Owner: the service; outlives every worker. Threads: any.
class PacketStamps {
 public:
  /// @param kept  where the newest stamp is kept, 0 where there is none yet; null: nowhere. Outlives this.
  explicit PacketStamps(UnixSeconds* kept = nullptr) : newest_(kept != nullptr ? *kept : own_) {
    floor_.raise(newest());
  }

  [[nodiscard]] bool may_open(UnixSeconds stamp, MonoTime now) const { return floor_.admits(stamp, now); }
  /// A packet of that stamp was taken.
  void note(UnixSeconds stamp) {
    const std::atomic_ref<UnixSeconds> newest(newest_);
    UnixSeconds known = newest.load(std::memory_order_relaxed);
    while (known < stamp && !newest.compare_exchange_weak(known, stamp, std::memory_order_relaxed)) {
    }
  }
  /// A session whose newest packet had that stamp is forgotten.
  void forget(UnixSeconds stamp) { floor_.raise(stamp); }
  [[nodiscard]] StampFloor& floor() { return floor_; }

 private:
  [[nodiscard]] UnixSeconds newest() const {
    return std::atomic_ref<UnixSeconds>(newest_).load(std::memory_order_relaxed);
  }

  UnixSeconds own_ = 0;
  UnixSeconds& newest_;
  StampFloor floor_;
};

}  // namespace ss::protocol
