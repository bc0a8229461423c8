#pragma once

#include <memory>

#include "datagram_batch.hpp"
#include "descriptor.hpp"
#include "socket_poll.hpp"
#include "ss/net/datagram.hpp"
#include "udp_offload.hpp"

namespace ss::net {

/// What the UDP sockets of one worker share.
struct DatagramShared {
  SocketPoll& poll;
  UdpOffload offload = udp_offload();
  GsoRefusals refusals{system_clock()};
};

/// A UDP socket behind the Datagram seam: the worker's poll waits, batched system calls move the datagrams.
///
/// Owner: the listener or the association. Threads: the worker's. Idle, it costs itself alone where there is an epoll.
class SocketDatagram final : public Datagram {
 public:
  /// @param socket  non-blocking, bound; taken over.
  /// @param peer  whom it is connected to; null: nobody.
  /// @param shared  outlives this.
  /// @return null, with errno in `error`, where the poll cannot take it.
  static std::unique_ptr<SocketDatagram> adopt(DatagramShared& shared, Descriptor socket, Family form,
                                               const IpAddress* peer, int& error);

  SocketDatagram(DatagramShared& shared, Descriptor socket, Family form, const IpAddress* peer);
  SocketDatagram(const SocketDatagram&) = delete;
  SocketDatagram& operator=(const SocketDatagram&) = delete;

  std::size_t try_receive(Bytes area, std::span<Received> into) override;
  SendResult try_send(std::span<const Outgoing> batch) override;
  void wait(Side side, Waiter& waiter) override { socket_.wait(side, waiter); }
  void cancel() override { socket_.cancel(); }
  [[nodiscard]] Endpoint local_endpoint() const override;

 private:
  SocketPoll::Member socket_;
  DatagramShared& shared_;
  IpAddress peer_;  ///< where connected_
  Family form_;
  bool connected_;
};

}  // namespace ss::net
