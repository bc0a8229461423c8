#pragma once

#include <memory>

#include "asio_datagram.hpp"
#include "datagram_poll.hpp"

#if defined(SS_DATAGRAM_POLL)
namespace ss::net {

/// A UDP socket that waits in its worker's DatagramPoll: one of the many that an association opens.
///
/// Owner: the association. Threads: the worker's. Idle, it costs itself alone.
class PolledDatagram final : public Datagram {
 public:
  /// As AsioDatagram::adopt.
  static std::unique_ptr<PolledDatagram> adopt(DatagramShared& shared, DatagramPoll& poll, Descriptor socket,
                                               Family form, const IpAddress* peer, int& error);

  PolledDatagram(DatagramShared& shared, DatagramPoll& poll, Descriptor socket, Family form, const IpAddress* peer);

  std::size_t try_receive(Bytes area, std::span<Received> into) override;
  SendResult try_send(std::span<const Outgoing> batch) override;
  void wait(Side side, Waiter& waiter) override { member_.wait(side, waiter); }
  void cancel() override { member_.cancel(); }
  [[nodiscard]] Endpoint local_endpoint() const override;

 private:
  DatagramPoll::Member member_;
  DatagramShared& shared_;
  IpAddress peer_;  // where connected_
  Family form_;
  bool connected_;
};

}  // namespace ss::net
#endif
