#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "socks_negotiation.hpp"
#include "ss/base/address.hpp"
#include "ss/config/local_config.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

class CarrierChoice;

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

/// What every session of one listener shares. Immutable, but for the count of associations.
/// Owner: the service; outlives every session.
struct SessionRules {
  const protocol::ClientCredentials& credentials;
  TargetAddress server;          ///< the address or name of ss-server
  std::vector<SocksUser> users;  ///< empty: no authentication is asked for
  net::DialOptions dial;
  bool ipv6_first = false;
  Duration handshake_timeout{};
  Duration first_flight{};  ///< how long to wait for the client's first bytes
  SocksCommands commands;
  std::optional<IpAddress> advertised;  ///< what UDP ASSOCIATE names instead of the address that the client reached
  config::UdpOverTcp udp_over_tcp = config::UdpOverTcp::off;
  AssociationCap* associations = nullptr;  ///< null: no limit
};

/// Serves one accepted SOCKS5 client to its end. CONNECT: dial of ss-server, reply, first flight, relay. UDP ASSOCIATE:
/// udp_association.hpp.
///
/// Standard Shadowsocks does not tell what became of the target, so the reply is true for the way to ss-server only: 00
/// once it is connected, else the cause.
///
/// @param keys  what this worker's associations seal with.
/// @param choice  how this worker's associations are carried; null: as `rules` say, and `automatic` as `off`.
/// Threads: the worker's. Everything given outlives the task.
net::Task<> serve(relay::Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys,
                  std::unique_ptr<net::Stream> client, CarrierChoice* choice = nullptr);

}  // namespace ss::local
