#pragma once

#include <atomic>

#include "asio.hpp"
#include "socket_acceptor.hpp"
#include "socket_dialer.hpp"
#include "ss/net/worker.hpp"
#include "udp_opener.hpp"

namespace ss::net {

/// Wakes a worker's timers up through Asio.
class AsioAlarm final : public Timers::Alarm {
 public:
  explicit AsioAlarm(asio::io_context& io) : timer_(io) {}
  void ring(Timers& timers) { timers_ = &timers; }
  void set(MonoTime when) override;

 private:
  IoTimer timer_;
  Timers* timers_ = nullptr;
};

/// The inside of a Worker. What comes later may point at what comes earlier, and goes first.
struct Worker::Loop {
  explicit Loop(const SocketOptions& outgoing);

  asio::io_context io{1};
  telemetry::Counters counters;
  AsioAlarm alarm{io};
  Timers timers{system_clock(), alarm};
  SocketPoll poll{io};
  SocketDialer dialer;
  UdpOpener datagrams;
  SocketAcceptorOpener acceptors;
  std::unique_ptr<Resolver> resolver;
  Spawner spawner;
  std::atomic<std::uint32_t> arriving{
      0};  ///< descriptors that another worker has passed on and that are not a session yet
};

/// What UDP sockets that are to live on `worker` share.
inline DatagramShared& datagram_shared_of(Worker& worker) {
  return worker.loop().datagrams.shared();
}
/// Where this room's own sources (listeners, resolver) hang their descriptors.
inline asio::io_context& io_context_of(Worker& worker) {
  return worker.loop().io;
}

}  // namespace ss::net
