#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace ss::net {

/// A coroutine that one other coroutine awaits.
///
/// Lazy: it runs from its first `co_await` (or `start`) to its first suspension on the caller's stack, and its awaiter
/// goes on where it ends. A task that ends without suspending never suspends its awaiter either, so loops of ready
/// operations keep the stack flat, also in builds without tail calls.
///
/// Owner: whoever holds it; destroying it destroys the frame, which must not be waiting on anything then.
/// Threads: one, for the whole life of the task.
/// Why it is not asio::awaitable: docs/decisions/0002-own-task.md.
template <class T = void>
class [[nodiscard]] Task;

namespace detail {

class TaskPromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) noexcept {
      const std::coroutine_handle<> awaiter = ended.promise().continuation;
      return awaiter ? awaiter : std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  std::coroutine_handle<> continuation;
  std::exception_ptr failure;
};

template <class T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }

  std::optional<T> value;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle frame) noexcept : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})), started_(other.started_) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  /// Runs the task up to its first suspension, so that it goes on beside its owner. Await it later.
  void start() {
    started_ = true;
    frame_.resume();
  }

  bool await_ready() const noexcept { return started_ && frame_.done(); }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    if (!started_) start();
    if (frame_.done()) return false;
    frame_.promise().continuation = awaiter;
    return true;
  }
  T await_resume() { return frame_.promise().take(); }

 private:
  Handle frame_;
  bool started_ = false;
};

template <class T>
Task<T> detail::TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> detail::TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace ss::net
