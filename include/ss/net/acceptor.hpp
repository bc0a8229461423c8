#pragma once

#include <memory>

#include "ss/base/address.hpp"
#include "ss/net/stream.hpp"

namespace ss::net {

/// A listening socket of one session, for a connection that is to come (BIND): the seam between it and the kernel or
/// the simulator. What programs listen on for their clients is net::Listeners.
///
/// Owner: the session. Threads: the worker's. Not destroyed while a Waiter is pending: cancel, then let the wait
/// complete.
class Acceptor {
 public:
  virtual ~Acceptor() = default;

  /// Takes a connection that has come, without blocking.
  /// @return null: there is none; wait.
  virtual std::unique_ptr<Stream> try_accept() = 0;
  /// Arranges for `waiter` to be completed once there may be one.
  /// @pre  no other waiter is pending.
  virtual void wait(Waiter& waiter) = 0;
  /// Completes a pending wait with `cancelled`, soon. Nothing pending: nothing happens.
  virtual void cancel() = 0;

  [[nodiscard]] virtual Endpoint local_endpoint() const = 0;
};

/// An acceptor, or why there is none.
struct ListenStart {
  std::unique_ptr<Acceptor> acceptor;
  int error = 0;  ///< errno where `acceptor` is null
};

/// Opens acceptors of one worker.
class AcceptorOpener {
 public:
  virtual ~AcceptorOpener() = default;
  /// Listens at `at`, unless somebody does already. Connections have the socket options of the configuration.
  virtual ListenStart open(const Endpoint& at) = 0;
};

/// Makes a wait awaitable, as for streams.
class [[nodiscard]] AcceptorReadyAwaiter final : private CoroutineWaiter {
 public:
  explicit AcceptorReadyAwaiter(Acceptor& acceptor) : acceptor_(acceptor) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiter) {
    waiting_ = awaiter;
    acceptor_.wait(*this);
  }
  WaitOutcome await_resume() const noexcept { return outcome_; }

 private:
  Acceptor& acceptor_;
};
inline AcceptorReadyAwaiter ready(Acceptor& acceptor) {
  return AcceptorReadyAwaiter(acceptor);
}

}  // namespace ss::net
