#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"

namespace ss::net {

/// The way in which a socket is waited on or shut.
enum class Side : std::uint8_t { read, write };

enum class IoStatus : std::uint8_t {
  done,     ///< At least one byte moved.
  blocked,  ///< Nothing moved; wait for that side.
  ended,    ///< Read only: the peer shut its write half; nothing will follow.
  failed,   ///< `error` says why; the stream is of no more use. Reads say so again once what had come before is read.
};

/// What one non-blocking attempt did.
struct IoResult {
  IoStatus status = IoStatus::blocked;
  std::size_t bytes = 0;  ///< Moved; over 0 only with `done`.
  int error = 0;          ///< errno with `failed`, else 0.
};

/// What Stream::finish_connect says of a dial that wished for it where a packet's TTL expired on the way: no errno
/// does.
inline constexpr int kTtlExpired = -1;

/// Why a wait came back.
enum class WaitOutcome : std::uint8_t {
  ready,      ///< An attempt is worth making (it may still find the stream blocked).
  cancelled,  ///< `Stream::cancel` was called.
};

/// Who moved so many bytes at once waits as bulk: behind all others (docs/decisions/0020).
inline constexpr std::size_t kBulk = std::size_t{16} * 1024;

/// Whoever waits for one side of one stream or UDP socket.
///
/// Owner: the waiting coroutine, in whose frame it lies, or the object that it wakes. The stream holds a pointer to it
/// from `Stream::wait` until `complete`, which comes exactly once and never from inside `wait` or `cancel`.
class Waiter {
 public:
  /// Called by the stream, on the worker's thread, outside of any turn.
  virtual void complete(WaitOutcome outcome) = 0;

 protected:
  Waiter() = default;
  Waiter(const Waiter&) = default;
  Waiter& operator=(const Waiter&) = default;
  ~Waiter() = default;
};

/// A waiter that resumes a coroutine.
class CoroutineWaiter : public Waiter {
 public:
  void complete(WaitOutcome outcome) final {
    outcome_ = outcome;
    std::exchange(waiting_, {}).resume();
  }

 protected:
  CoroutineWaiter() = default;
  CoroutineWaiter(const CoroutineWaiter&) = default;
  CoroutineWaiter& operator=(const CoroutineWaiter&) = default;
  ~CoroutineWaiter() = default;

  std::coroutine_handle<> waiting_;
  WaitOutcome outcome_ = WaitOutcome::ready;
};

/// A connected (or connecting) byte stream: the seam between the engine and the kernel or the simulator.
///
/// Owner: the session. Threads: the worker's. Neither side may be destroyed while a Waiter is pending on it: cancel,
/// then let the wait complete.
class Stream {
 public:
  virtual ~Stream() = default;

  /// Reads what is there into `into`, in order, without blocking.
  /// @pre  the spans are not empty, and there are at most kMaxSpans of them.
  virtual IoResult try_read(std::span<const Bytes> into) = 0;

  /// Writes as much of `from` as is taken without blocking, in one system call.
  /// @pre  as for try_read.
  virtual IoResult try_write(std::span<const ConstBytes> from) = 0;

  /// Arranges for `waiter` to be completed once `side` may make progress.
  /// @pre  no other waiter is pending on that side.
  virtual void wait(Side side, Waiter& waiter) = 0;

  /// Completes a pending wait on either side with `cancelled`, soon. Nothing pending: nothing happens.
  virtual void cancel() = 0;

  /// After a dial: whether the connection came about. 0, errno, or kTtlExpired.
  /// @pre  a wait for Side::write has completed `ready`.
  virtual int finish_connect() = 0;

  /// Sends FIN after the last byte written. Errors are those of a peer that is gone already, and are ignored.
  virtual void shut_write() = 0;

  /// Closes with RST at once: what is queued is dropped.
  virtual void reset() = 0;

  /// Bytes written that the peer has not acknowledged; 0 where the system cannot tell.
  [[nodiscard]] virtual std::size_t unacknowledged() const = 0;

  /// The addresses of this connection; an unspecified one where the socket has none any more.
  [[nodiscard]] virtual Endpoint local_endpoint() const = 0;
  [[nodiscard]] virtual Endpoint peer_endpoint() const = 0;

  static constexpr std::size_t kMaxSpans = 64;

  // The common case of one span.
  IoResult try_read(Bytes into) { return try_read(std::span<const Bytes>(&into, 1)); }
  IoResult try_write(ConstBytes from) { return try_write(std::span<const ConstBytes>(&from, 1)); }
};

/// Makes a wait awaitable: `const WaitOutcome outcome = co_await ready(stream, Side::read);`
class [[nodiscard]] ReadyAwaiter final : private CoroutineWaiter {
 public:
  ReadyAwaiter(Stream& stream, Side side) : stream_(stream), side_(side) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiter) {
    waiting_ = awaiter;
    stream_.wait(side_, *this);
  }
  WaitOutcome await_resume() const noexcept { return outcome_; }

 private:
  Stream& stream_;
  Side side_;
};
inline ReadyAwaiter ready(Stream& stream, Side side) {
  return {stream, side};
}

}  // namespace ss::net
