#pragma once

#include "ss/net/stream.hpp"
#include "ss/net/timers.hpp"

namespace ss::net {

/// A time limit on one stream: when it passes, the stream's waits come back `cancelled` and `passed` tells why.
///
///     Deadline limit(timers, stream, 10s);
///     const WaitOutcome outcome = co_await limit.ready(Side::read);
///     if (limit.passed()) …
///
/// Owner: the coroutine that waits. Neither stream nor timers may go before it. Threads: the worker's.
class Deadline final : private Timer {
 public:
  Deadline(Timers& timers, Stream& stream, Duration after) : stream_(stream) { timers.start(*this, after); }

  [[nodiscard]] bool passed() const { return passed_; }

  class ReadyUnlessPassed;
  /// As net::ready, but comes back `cancelled` at once where the limit has passed before: a wait through net::ready
  /// that begins after that is not cut short by it.
  [[nodiscard]] ReadyUnlessPassed ready(Side side);

 private:
  void expired() noexcept override {
    passed_ = true;
    stream_.cancel();
  }

  Stream& stream_;
  bool passed_ = false;
};

class [[nodiscard]] Deadline::ReadyUnlessPassed {
 public:
  ReadyUnlessPassed(const Deadline& limit, Stream& stream, Side side) : limit_(limit), wait_(stream, side) {}
  bool await_ready() const noexcept { return limit_.passed(); }
  void await_suspend(std::coroutine_handle<> awaiter) { wait_.await_suspend(awaiter); }
  WaitOutcome await_resume() const noexcept { return limit_.passed() ? WaitOutcome::cancelled : wait_.await_resume(); }

 private:
  const Deadline& limit_;
  ReadyAwaiter wait_;
};

inline Deadline::ReadyUnlessPassed Deadline::ready(Side side) {
  return {*this, stream_, side};
}

}  // namespace ss::net
