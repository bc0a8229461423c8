#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ss/config/settings.hpp"

namespace ss::config {

/// A server that ss-local may connect to.
struct Server {
  std::string name;  ///< what messages call it: `name`, else `remarks`, else its address; printable, never empty
  TargetAddress address;
  Credentials credentials;
  Mode mode = Mode::tcp_and_udp;  ///< what it may carry; never what its weight is 0 for
  double tcp_weight = 1;          ///< 0..1: how much of the traffic it is to get beside the others
  double udp_weight = 1;
};

/// What a listener's clients may speak.
enum class InboundProtocol : std::uint8_t {
  mixed,  ///< all of it; also where nothing is written
  socks,  ///< SOCKS5 and SOCKS4
  http,
};

/// A listener of ss-local.
struct Inbound {
  Listener listener;
  InboundProtocol protocol = InboundProtocol::mixed;
  std::vector<User> users;        ///< empty = no authentication
  Mode mode = Mode::tcp_and_udp;  ///< udp_only: it accepts connections, but no CONNECT; HTTP has no UDP
  /// What replies to UDP ASSOCIATE name; absent = the address that the client connected to.
  std::optional<IpAddress> udp_associate_address;
};

/// Whether UDP goes to the server through a TCP connection.
enum class UdpOverTcp : std::uint8_t {
  automatic,  ///< where UDP does not get through; also where nothing is written
  on,
  off,
};

/// When ss-local answers CONNECT.
enum class Socks5Reply : std::uint8_t {
  automatic,   ///< as `confirmed` where the server can tell, else as `optimistic`
  confirmed,   ///< once the server has told what became of the target
  optimistic,  ///< at once
};

/// Which of the servers gets a connection.
enum class Policy : std::uint8_t {
  latency,      ///< the one that answers soonest
  failover,     ///< the first in order that works
  sticky,       ///< always the same for one target
  round_robin,  ///< all in turn, by weight
};

/// All that ss-local is told, checked.
struct LocalConfig : Settings {
  std::vector<Server> servers;    ///< at least one
  std::vector<Inbound> inbounds;  ///< at least one
  Socks5Reply socks5_reply = Socks5Reply::automatic;
  /// How long to watch for an early close before `00` where the server cannot tell; 0..60 s
  std::chrono::milliseconds reply_wait{0};
  Policy policy = Policy::latency;
  std::optional<unsigned> preconnect;  ///< warm connections for each worker and server; absent = by demand, 0 = none
  UdpOverTcp udp_over_tcp = UdpOverTcp::automatic;
};

}  // namespace ss::config
