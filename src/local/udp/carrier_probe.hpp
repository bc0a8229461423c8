#pragma once

#include <optional>

#include "local_session.hpp"
#include "ss/base/address.hpp"
#include "ss/net/datagram.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// Asks public resolvers for the name servers of the root, through ss-server: the question is what any system asks, and
/// its answer shows that datagrams go all the way and back.
///
/// Owner: CarrierChoice. Threads: the worker's. One question at a time.
class CarrierProbe {
 public:
  CarrierProbe(relay::Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys)
      : env_(env), rules_(rules), keys_(keys) {}
  CarrierProbe(const CarrierProbe&) = delete;
  CarrierProbe& operator=(const CarrierProbe&) = delete;

  /// Asks in packets, three times in 4 s.
  /// @return  the address of ss-server that answered.
  net::Task<std::optional<Endpoint>> by_packets();
  /// Asks by UDP over TCP, and waits 5 s. @return  whether there was an answer.
  net::Task<bool> by_tcp();
  /// Ends a question, soon, as if nobody had answered.
  void stop();

 private:
  net::Task<bool> ask(relay::LiveSession& session, net::Datagram& socket);

  relay::Environment& env_;
  const SessionRules& rules_;
  protocol::ClientPacketKeys& keys_;
  relay::LiveSession* session_ = nullptr;  // of the question that is under way
};

}  // namespace ss::local
