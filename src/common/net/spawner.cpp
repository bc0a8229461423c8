#include "ss/net/spawner.hpp"

#include <exception>
#include <utility>

#include "ss/telemetry/log.hpp"

namespace ss::net {

/// The coroutine around one session: starts at once, destroys itself when it ends, and stands in the spawner's list
/// until then.
struct Spawner::Root {
  struct promise_type : RootLink {
    promise_type(Spawner& owner, Task<>&) : spawner(owner) {
      frame = std::coroutine_handle<promise_type>::from_promise(*this);
      next = owner.roots_;
      if (next) next->prev = this;
      spawner.roots_ = this;
      spawner.live_.fetch_add(1, std::memory_order_relaxed);
    }
    promise_type(const promise_type&) = delete;
    promise_type& operator=(const promise_type&) = delete;
    ~promise_type() {
      (prev ? prev->next : spawner.roots_) = next;
      if (next) next->prev = prev;
      spawner.live_.fetch_sub(1, std::memory_order_relaxed);
    }
    Root get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { spawner.note_escaped(); }

    Spawner& spawner;
  };
};

Spawner::~Spawner() {
  while (roots_) roots_->frame.destroy();
}

void Spawner::spawn(Task<> session) {
  try {
    run(std::move(session));
  } catch (...) {
    // No memory for the frame of `run`: the session ends before its first step.
    note_escaped();
  }
}

Spawner::Root Spawner::run(Task<> session) {
  co_await session;
}

void Spawner::note_escaped() noexcept {
  escaped_.fetch_add(1, std::memory_order_relaxed);
  try {
    try {
      throw;
    } catch (const std::exception& error) {
      telemetry::log_error("an exception escaped a session: {}", error.what());
    } catch (...) {
      telemetry::log_error("an exception of an unknown kind escaped a session");
    }
  } catch (...) {
    // The log itself failed: the counter has to do.
    return;
  }
}

}  // namespace ss::net
