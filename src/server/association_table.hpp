#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "association.hpp"
#include "ss/net/timers.hpp"
#include "ss/telemetry/counters.hpp"

namespace ss::server {

/// How many associations are awake, over all workers. Threads: any.
struct AssociationCounts {
  explicit AssociationCounts(std::size_t users) : of_user(users) {}

  std::atomic<std::uint32_t> total{0};
  std::vector<std::atomic<std::uint32_t>> of_user;
};

struct AssociationLimits {
  Duration idle{};      ///< without a datagram of the client
  Duration idle_dns{};  ///< the same, where nothing but port 53 was spoken to
  std::uint32_t total = 65'536;
  /// The tables that share `total`. One that holds less than its share of it takes one more in where the limit is met,
  /// and those that hold more give way.
  std::uint32_t tables = 1;
  std::uint32_t of_user = 1'024;  ///< not looked at where there is one user
  /// How long a session's window outlives its last packet: as long as a timestamp can pass (SIP022 3.2.2). 0: there is
  /// no window.
  Duration window{};
};

/// The associations of one listener on one worker, and who has to go: those that were idle for too long, and where a
/// limit is met the one whose client was silent longest, first among those that spoke to port 53 alone and have had
/// time for their answer. What comes from targets keeps no association: anybody can send that.
///
/// An association that goes early falls asleep: it gives up its sockets and counts no more, but its window stays until
/// no packet of before can pass the clock, and it wakes up with it. There are at most as many asleep as may be awake in
/// all; a user whose own limit puts his to sleep has at most as many of them as may be awake of one user.
///
/// Owner: the inbound. Threads: the worker's.
class AssociationTable {
 public:
  /// @param fell_asleep  is to cancel its sockets.
  /// @param removed  the session is gone.
  AssociationTable(net::Timers& timers, AssociationCounts& counts, const AssociationLimits& limits,
                   telemetry::Counter& gauge, std::function<void(Association&)> fell_asleep,
                   std::function<void(Association&)> removed, const AssociationKeyHash& hash = {});
  AssociationTable(const AssociationTable&) = delete;
  AssociationTable& operator=(const AssociationTable&) = delete;
  ~AssociationTable();

  /// Null where there is none. Awake or asleep.
  [[nodiscard]] std::shared_ptr<Association> find(const AssociationKey& key) const;
  /// Takes a new one in, awake, making room where a limit is met.
  /// @return false: there is no room, and it was not taken.
  [[nodiscard]] bool insert(const std::shared_ptr<Association>& association);
  /// Its client has sent, now: it is the last to go now, and awake.
  /// @return false: it slept, and there is no room for one more.
  [[nodiscard]] bool touch(Association& association, MonoTime now);
  void remove(Association& association);
  void remove_all();

  [[nodiscard]] std::size_t size() const { return by_key_.size(); }

 private:
  using Queue = AssociationQueue<ByAge>;
  using UserQueue = AssociationQueue<ByAgeOfUser>;
  /// Associations are found by the keys that they hold themselves.
  struct KeyOf {
    using is_transparent = void;
    static const AssociationKey& of(const AssociationKey& key) { return key; }
    static const AssociationKey& of(const std::shared_ptr<Association>& association) { return association->key; }
  };
  struct Hash : KeyOf {
    AssociationKeyHash hash;
    // noexcept: or the library would keep the hash beside each.
    template <class Keyed>
    std::size_t operator()(const Keyed& keyed) const noexcept {
      return hash(of(keyed));
    }
  };
  struct Equal : KeyOf {
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return of(a) == of(b);
    }
  };
  class Sweep final : public net::Timer {
   public:
    explicit Sweep(AssociationTable& table) : table_(table) {}

   private:
    void expired() noexcept override { table_.sweep(); }
    AssociationTable& table_;
  };

  [[nodiscard]] bool make_room(std::size_t user);
  [[nodiscard]] bool make_room_of_user(std::size_t user, MonoTime now);
  [[nodiscard]] bool make_room_in_all(MonoTime now);
  /// Who goes where too many are awake. Null where none is awake here.
  [[nodiscard]] Association* first_to_go(MonoTime now) const;
  /// No packet of before can pass the clock any more, so its window need not stay.
  [[nodiscard]] bool expired(const Association& association, MonoTime now) const;
  void wake(Association& association);
  /// Puts it to sleep where its window has to stay, else removes it.
  void retire(Association& association, MonoTime now);
  void stop_counting(Association& association);
  void stop_counting_asleep(const Association& association);
  void expire(Queue& queue, Duration limit, MonoTime now);
  void sweep() noexcept;

  net::Timers& timers_;
  AssociationCounts& counts_;
  const AssociationLimits limits_;
  telemetry::Counter& gauge_;
  std::function<void(Association&)> fell_asleep_;
  std::function<void(Association&)> removed_;
  std::unordered_set<std::shared_ptr<Association>, Hash, Equal> by_key_;
  // In order of the client's last datagram, the oldest first.
  Queue dns_;
  Queue others_;
  Queue asleep_;
  std::uint32_t awake_here_ = 0;
  std::size_t asleep_total_ = 0;
  std::vector<UserQueue> of_user_;  // those that are awake
  std::vector<std::uint32_t> asleep_of_user_;
  Sweep sweep_;
};

}  // namespace ss::server
