#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ss/config/settings.hpp"

namespace ss::config {

/// A server that ss-local may connect to.
struct Server {
  TargetAddress address;
  Credentials credentials;
};

/// A listener of ss-local for SOCKS5 clients.
struct Inbound {
  Listener listener;
  std::vector<User> users;        ///< empty = no authentication
  Mode mode = Mode::tcp_and_udp;  ///< udp_only: it accepts connections, but no CONNECT
  /// What replies to UDP ASSOCIATE name; absent = the address that the client connected to.
  std::optional<IpAddress> udp_associate_address;
};

/// Whether UDP goes to the server through a TCP connection.
enum class UdpOverTcp : std::uint8_t {
  automatic,  ///< where UDP does not get through; also where nothing is written
  on,
  off,
};

/// All that ss-local is told, checked.
struct LocalConfig : Settings {
  Server server;
  std::vector<Inbound> inbounds;  ///< at least one
  UdpOverTcp udp_over_tcp = UdpOverTcp::automatic;
};

}  // namespace ss::config
