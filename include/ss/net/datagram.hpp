#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <span>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/net/resolver.hpp"
#include "ss/net/stream.hpp"

namespace ss::net {

/// One datagram that came.
struct Received {
  Bytes bytes;    ///< in the area that `try_receive` was given; may be empty
  Endpoint from;  ///< IPv4-mapped addresses come out as IPv4
  IpAddress to;   ///< which of our addresses it came to, on a socket bound to all of them; else unspecified
};

/// One datagram that is to go.
struct Outgoing {
  ConstBytes bytes;
  Endpoint to;     ///< not looked at on a connected socket
  IpAddress from;  ///< which of our addresses it leaves from; unspecified: the system chooses
};

/// What `try_send` did with a batch.
struct SendResult {
  /// Sent or given up, from the front; fewer than all only where the socket is full (blocked).
  std::size_t handled = 0;
  std::size_t sent = 0;
  std::size_t too_long = 0;  ///< of those given up, longer than the path takes (EMSGSIZE)
  int error = 0;             ///< errno of the last one given up, else 0
  std::size_t fits = 0;      ///< bytes that the path of the first of `too_long` takes; 0: the system does not tell
};

/// A UDP socket: the seam between the engine and the kernel or the simulator. Datagrams go and come in batches; that
/// equal-sized ones to one place travel as one buffer (UDP_SEGMENT, UDP_GRO) is the socket's business.
///
/// ICMP errors that the kernel reports here never end a socket: receiving passes over them, and a datagram whose send
/// one of them struck is sent once more (the error belongs to an older one). A connected socket whose own address is
/// gone, because the machine has changed networks, is connected anew, and has another port then.
///
/// Owner: the association or the listener. Threads: the worker's. Not destroyed while a Waiter is pending.
class Datagram {
 public:
  virtual ~Datagram() = default;

  /// Receives what is there, without blocking, each datagram whole.
  /// @param area  where the bytes go, kReceiveArea at best; kReceiveSlot at least.
  /// @return  how many of `into` were filled; 0: nothing is there, wait for Side::read.
  /// @pre  into.size() >= kMaxBatch
  virtual std::size_t try_receive(Bytes area, std::span<Received> into) = 0;

  /// Sends a batch without blocking, in order for each destination.
  virtual SendResult try_send(std::span<const Outgoing> batch) = 0;

  /// As for Stream.
  virtual void wait(Side side, Waiter& waiter) = 0;
  virtual void cancel() = 0;

  [[nodiscard]] virtual Endpoint local_endpoint() const = 0;

  static constexpr std::size_t kReceiveSlot = std::size_t{64} * 1024;  ///< a whole datagram, or one GRO buffer
  static constexpr std::size_t kReceiveArea = 8 * kReceiveSlot;        ///< what one batched receive can fill
  /// Datagrams out of one receive: 128 a buffer, as many as a sender on this machine may join (UDP_MAX_SEGMENTS).
  static constexpr std::size_t kMaxBatch = std::size_t{8} * 128;
};

/// Opens UDP sockets of one worker.
class DatagramOpener {
 public:
  virtual ~DatagramOpener() = default;
  /// A socket that sends to anybody, bound to the configured source address of that family, else to any address and a
  /// port that the system chooses.
  /// @return null, with errno in `error`.
  virtual std::unique_ptr<Datagram> open(Family family, int& error) = 0;
  /// A socket that talks to `peer` alone.
  virtual std::unique_ptr<Datagram> open_connected(const Endpoint& peer, int& error) = 0;
  /// A socket bound to `at` (port 0: the system chooses), for clients: no source address, interface or mark of the
  /// configuration applies.
  virtual std::unique_ptr<Datagram> open_bound(const Endpoint& at, int& error) = 0;
};

/// Makes a wait awaitable, as for streams.
class [[nodiscard]] DatagramReadyAwaiter final : private CoroutineWaiter {
 public:
  DatagramReadyAwaiter(Datagram& socket, Side side) : socket_(socket), side_(side) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiter) {
    waiting_ = awaiter;
    socket_.wait(side_, *this);
  }
  WaitOutcome await_resume() const noexcept { return outcome_; }

 private:
  Datagram& socket_;
  Side side_;
};
inline DatagramReadyAwaiter ready(Datagram& socket, Side side) {
  return {socket, side};
}

}  // namespace ss::net
