#pragma once

#include <vector>

#include "client_request.hpp"
#include "local_session.hpp"
#include "ss/protocol/client_packets.hpp"

namespace ss::local {

class Balancer;
class CarrierChoice;
class WarmPool;

/// The way to one server, as one worker's sessions of one listener go it. Everything outlives the sessions.
struct ServerLane {
  const SessionRules& rules;
  protocol::ClientPacketKeys& keys;  ///< what associations seal with
  CarrierChoice* choice = nullptr;   ///< how they are carried; null: as `rules` say, and `automatic` as `off`
  WarmPool* pool = nullptr;          ///< null: every connection is dialled
};

/// What the sessions of one listener on one worker share.
/// Owner: the service; outlives them. Threads: the worker's, but for the balancers, which all workers share.
struct LocalWorker {
  const NegotiationRules& negotiation;
  std::vector<ServerLane> lanes;  ///< one for each server, in the order of the configuration; at least one
  Balancer* tcp = nullptr;        ///< which of them a connection goes to; null: the first
  Balancer* udp = nullptr;        ///< and an association

  /// The number of the server that `lane`, one of `lanes`, goes to: what balancers know it by.
  [[nodiscard]] std::size_t number_of(const ServerLane& lane) const {
    return static_cast<std::size_t>(&lane - lanes.data());
  }
};

}  // namespace ss::local
