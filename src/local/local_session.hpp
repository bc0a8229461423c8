#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client_request.hpp"
#include "servers/server.hpp"
#include "ss/base/address.hpp"
#include "ss/config/local_config.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

struct LocalWorker;

/// How many associations there are, and may be, in the process. Threads: any.
struct AssociationCap {
  explicit AssociationCap(std::uint32_t limit) : most(limit) {}

  /// @return false: there are as many as may be.
  [[nodiscard]] bool take() {
    if (taken.fetch_add(1, std::memory_order_relaxed) < most) return true;
    give_back();
    return false;
  }
  void give_back() { taken.fetch_sub(1, std::memory_order_relaxed); }

  const std::uint32_t most;
  std::atomic<std::uint32_t> taken{0};
};

/// What every session of one listener that goes to one server shares. Immutable, but for the count of associations and
/// what is known of the server.
/// Owner: the service; outlives every session.
struct SessionRules {
  Server& server;
  net::DialOptions dial;
  bool ipv6_first = false;
  Duration handshake_timeout{};
  Duration first_flight{};              ///< how long to wait for the client's first bytes
  std::optional<IpAddress> advertised;  ///< what UDP ASSOCIATE names instead of the address that the client reached
  config::UdpOverTcp udp_over_tcp = config::UdpOverTcp::off;
  AssociationCap* associations = nullptr;  ///< null: no limit
  /// Salts are marked, so that a server of ours tells what became of a connection.
  bool extension = true;
  config::Socks5Reply reply = config::Socks5Reply::automatic;
  Duration reply_wait{};    ///< how long a server that is not known to be ours is watched before success is said
  bool carries_tcp = true;  ///< whether streams may go to the server
};

/// Serves one accepted client to its end: what it asks for (negotiation), then proxied_stream.hpp, or for UDP ASSOCIATE
/// udp/association.hpp.
///
/// Threads: the worker's. Everything given outlives the task.
net::Task<> serve(relay::Environment& env, const LocalWorker& worker, std::unique_ptr<net::Stream> client);

}  // namespace ss::local
