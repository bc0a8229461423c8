#pragma once

#include <coroutine>

#include "ss/net/timers.hpp"

namespace ss::net {

/// The handle of the coroutine that awaits this: `const std::coroutine_handle<> self = co_await OwnHandle{};`
struct OwnHandle {
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> asker) noexcept {
    handle = asker;
    return false;
  }
  std::coroutine_handle<> await_resume() const noexcept { return handle; }
  std::coroutine_handle<> handle;
};

/// Resumes a coroutine that waits for several things when a time has come.
class Bell final : public Timer {
 public:
  explicit Bell(std::coroutine_handle<> sleeper) : sleeper_(sleeper) {}
  [[nodiscard]] bool rang() const { return rang_; }
  void set(Timers& timers, Duration after) {
    rang_ = false;
    timers.start(*this, after);
  }

 private:
  void expired() noexcept override {
    rang_ = true;
    sleeper_.resume();
  }
  std::coroutine_handle<> sleeper_;
  bool rang_ = false;
};

}  // namespace ss::net
