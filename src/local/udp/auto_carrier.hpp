#pragma once

#include <memory>

#include "local_session.hpp"
#include "ss/net/datagram.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/relay/environment.hpp"
#include "udp/carrier_choice.hpp"
#include "udp/client_port.hpp"
#include "udp/packet_carrier.hpp"
#include "udp/uot_carrier.hpp"

namespace ss::local {

/// Carries an association's datagrams by the carrier that is chosen, and changes over to the other where the choice
/// does: what the client has sent meanwhile waits in its socket; what is on its way back by the old one is lost.
///
/// Owner: the association. Threads: the worker's.
class AutoCarrier final : private CarrierChoice::Follower {
 public:
  /// @param server  a socket that talks to ss-server alone; may be null where the choice is TCP.
  AutoCarrier(relay::Environment& env, relay::LiveSession& session, const SessionRules& rules,
              protocol::ClientPacketKeys& keys, ClientPort& client, std::unique_ptr<net::Datagram> server,
              CarrierChoice& choice);

  /// Carries until `stop`. Nothing else reads the client's socket meanwhile.
  net::Task<> run();
  /// Ends the run, soon.
  void stop();

 private:
  void choice_changed() override;
  std::unique_ptr<net::Datagram> take_socket();

  relay::Environment& env_;
  relay::LiveSession& session_;
  const SessionRules& rules_;
  protocol::ClientPacketKeys& keys_;
  ClientPort& client_;
  std::unique_ptr<net::Datagram> first_socket_;
  CarrierChoice& choice_;
  PacketCarrier* packets_ = nullptr;  // at most one of the two runs
  UotCarrier* tcp_ = nullptr;
  bool stopping_ = false;
};

}  // namespace ss::local
