#pragma once

#include <coroutine>
#include <utility>

#include "ss/net/timers.hpp"

namespace ss::net {

/// A pause of a coroutine that somebody else may cut short.
///
///     const bool whole = co_await sleep(timers, 250ms);
///
/// Owner: the coroutine that sleeps. Threads: the worker's.
class [[nodiscard]] Sleep final : private Timer {
 public:
  Sleep(Timers& timers, Duration after) : timers_(timers), after_(after) {}

  /// Wakes the sleeper soon, not from inside this call; a sleep not begun yet ends at once.
  void cancel() {
    cancelled_ = true;
    if (running()) timers_.start(*this, Duration::zero());
  }

  bool await_ready() const noexcept { return cancelled_; }
  void await_suspend(std::coroutine_handle<> sleeper) {
    sleeper_ = sleeper;
    timers_.start(*this, after_);
  }
  /// @return whether the whole time went by; false after `cancel`.
  bool await_resume() const noexcept { return !cancelled_; }

 private:
  void expired() noexcept override { std::exchange(sleeper_, {}).resume(); }

  Timers& timers_;
  Duration after_;
  std::coroutine_handle<> sleeper_;
  bool cancelled_ = false;
};

inline Sleep sleep(Timers& timers, Duration after) {
  return {timers, after};
}

}  // namespace ss::net
