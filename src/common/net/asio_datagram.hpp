#pragma once

#include <array>
#include <memory>

#include "asio.hpp"
#include "datagram_batch.hpp"
#include "descriptor.hpp"
#include "ss/net/datagram.hpp"
#include "udp_offload.hpp"

namespace ss::net {

/// What the UDP sockets of one worker share.
struct DatagramShared {
  asio::io_context& io;
  UdpOffload offload = udp_offload();
  GsoRefusals refusals{system_clock()};
};

/// A UDP socket behind the Datagram seam: Asio's reactor waits, batched system calls move the datagrams.
///
/// Owner: the listener; where there is no DatagramPoll, associations too. Threads: the worker's. Idle, it costs itself
/// and Asio's descriptor state.
class AsioDatagram final : public Datagram {
 public:
  /// @param socket  non-blocking, bound; taken over.
  /// @param peer  whom it is connected to; null: nobody.
  /// @param shared  outlives this.
  /// @return null, with errno in `error`, where the reactor cannot take it.
  static std::unique_ptr<AsioDatagram> adopt(DatagramShared& shared, Descriptor socket, Family form,
                                             const IpAddress* peer, int& error);

  AsioDatagram(DatagramShared& shared, Family form, const IpAddress* peer);
  AsioDatagram(const AsioDatagram&) = delete;
  AsioDatagram& operator=(const AsioDatagram&) = delete;
  ~AsioDatagram() override;

  std::size_t try_receive(Bytes area, std::span<Received> into) override;
  SendResult try_send(std::span<const Outgoing> batch) override;
  void wait(Side side, Waiter& waiter) override;
  void cancel() override;
  [[nodiscard]] Endpoint local_endpoint() const override;

 private:
  struct Woken;
  // Asio's own accessor is not const.
  [[nodiscard]] int descriptor() const { return const_cast<IoDescriptor&>(socket_).native_handle(); }

  IoDescriptor socket_;
  DatagramShared& shared_;
  std::array<Waiter*, 2> waiters_{};  ///< by Side
  IpAddress peer_;                    ///< where connected_
  Family form_;
  bool connected_;
};

}  // namespace ss::net
