#pragma once

#include <cstddef>
#include <map>

#include "ss/base/clock.hpp"

namespace ss::net {

class Timers;

namespace detail {
/// A place in a ring of timers. A head alone points at itself.
struct TimerLink {
  TimerLink* prev = nullptr;
  TimerLink* next = nullptr;
};
}  // namespace detail

/// One deadline, at rest until started. Intrusive: starting and stopping allocates nothing.
///
/// Owner: whoever waits; not movable. Destroying a running timer stops it. Threads: the worker's.
class Timer : private detail::TimerLink {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() { stop(); }

  [[nodiscard]] bool running() const { return prev != nullptr; }
  /// Takes the timer out of its queue. At rest: nothing happens.
  void stop();

 private:
  friend class Timers;
  /// The time has come; the timer is at rest again and may be started anew or destroyed. Must not throw.
  virtual void expired() noexcept = 0;

  MonoTime when_{};
};

/// Deadlines of one worker. Timers of the same length stand in one queue, so that starting one is an append: no heap,
/// no system call unless it is due before everything else. A timer is at most 5 ms late, never early: after a run the
/// next one follows 4 ms later at the soonest, so that thousands of deadlines a second cost 250 wake-ups.
///
/// The alarm below it is a seam: an Asio timer in programs, virtual time in the simulator.
/// Owner: the worker; outlives its timers. Threads: the worker's.
class Timers {
 public:
  /// What wakes a worker up.
  class Alarm {
   public:
    virtual ~Alarm() = default;
    /// Calls `Timers::run` at `when` or soon after. A new call replaces the one before.
    virtual void set(MonoTime when) = 0;
  };

  Timers(const Clock& clock, Alarm& alarm) : clock_(clock), alarm_(alarm) {}
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  ~Timers();

  /// Starts `timer`, at rest or running, to expire `after` from now; with 0, soon, but never from inside this call.
  /// Few distinct lengths, please: each makes one queue that lives as long as the worker.
  void start(Timer& timer, Duration after);

  /// Expires what is due, in order of time. Called by the alarm's owner, never from inside `Timer::expired`.
  void run();

  [[nodiscard]] MonoTime now() const { return clock_.now(); }

  static constexpr Duration kGrain = std::chrono::milliseconds(4);

 private:
  /// Timers of one length, in order of time. Its address is stable: its timers point at it.
  struct Queue {
    Queue() { head.prev = head.next = &head; }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    detail::TimerLink head;
  };
  static constexpr std::size_t kMaxIdleQueues = 64;

  void arm(MonoTime when);
  void take_due(MonoTime now, detail::TimerLink& due);
  [[nodiscard]] Timer* earliest();

  const Clock& clock_;
  Alarm& alarm_;
  std::map<Duration, Queue> queues_;
  MonoTime alarm_at_ = MonoTime::max();
  MonoTime quiet_until_ = MonoTime::min();
  bool running_ = false;
};

}  // namespace ss::net
