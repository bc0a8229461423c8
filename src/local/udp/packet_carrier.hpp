#pragma once

#include <cstddef>
#include <memory>

#include "local_session.hpp"
#include "ss/net/datagram.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/protocol/socks5_udp.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/send_batch.hpp"
#include "udp/carrier_choice.hpp"
#include "udp/client_port.hpp"

namespace ss::local {

/// Carries an association's datagrams as packets to ss-server, and its packets back.
///
/// Owner: the association. Threads: the worker's.
class PacketCarrier {
 public:
  /// @param server  a socket that talks to ss-server alone.
  /// @param choice  hears what is sent and what comes; may be null.
  PacketCarrier(relay::Environment& env, relay::LiveSession& session, const SessionRules& rules,
                protocol::ClientPacketKeys& keys, ClientPort& client, std::unique_ptr<net::Datagram> server,
                CarrierChoice* choice);
  PacketCarrier(const PacketCarrier&) = delete;
  PacketCarrier& operator=(const PacketCarrier&) = delete;

  /// Carries until `stop`. Nothing else reads the client's socket meanwhile.
  net::Task<> run();
  /// Ends the run, soon.
  void stop();

 private:
  net::Task<> run_up();
  net::Task<> run_down();
  void send_up();
  void seal(const protocol::socks5::UdpDatagram& datagram, ConstBytes payload, relay::SendBatch& batch);
  void send_down();
  bool open(Bytes packet, relay::SendBatch& batch);
  ConstBytes with_prefix(Bytes packet, Bytes addressed, relay::SendBatch& batch);

  relay::Environment& env_;
  relay::LiveSession& session_;
  Server& server_;
  protocol::ClientPacketSession packets_;
  const std::size_t overhead_;  // by which a packet is longer than its payload, at most
  ClientPort& client_;
  std::unique_ptr<net::Datagram> server_socket_;
  CarrierChoice* const choice_;
  bool stopping_ = false;
};

}  // namespace ss::local
