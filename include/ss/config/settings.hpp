#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"

namespace ss::config {

/// Ports from `first` to `last`, both among them.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

/// Somebody who may connect: to ss-server by a password or PSK of his own, or to a SOCKS5 inbound by RFC 1929.
struct User {
  std::string name;
  Secret password;
  std::optional<PortRange> bind_ports{};  ///< on ss-server: where BIND may listen for this user; absent = nowhere
};

/// A method and what it is keyed with. Exactly one of `password` and `key` is set, except for the method `none` and for
/// a SIP004 server with users, which need neither.
struct Credentials {
  const cipher::Method* method = nullptr;  ///< never null in a loaded configuration
  Secret password;  ///< SIP004: the password. 2022: base64 of the PSK; on ss-local also `iPSK:…:uPSK`
  Secret key;       ///< SIP004: the raw master key
};

/// An address to accept connections on; a domain name is resolved at start.
struct Listener {
  TargetAddress address;
  bool v6_only = false;  ///< for `::`: leaves IPv4 to another listener
};

/// Which relays were asked for. A set: modes join by `|` and meet by `&` of their numbers.
enum class Mode : std::uint8_t { tcp_only = 1, udp_only = 2, tcp_and_udp = 3 };

constexpr bool serves_tcp(Mode mode) {
  return mode != Mode::udp_only;
}
constexpr bool serves_udp(Mode mode) {
  return mode != Mode::tcp_only;
}

struct Timeouts {
  std::chrono::milliseconds half_closed{300'000};          ///< `timeout`: one direction ended, no byte in the other
  std::chrono::milliseconds idle{std::chrono::hours(24)};  ///< established and silent both ways; 0 = never
  std::chrono::milliseconds connect{10'000};               ///< absolute
  std::chrono::milliseconds handshake{10'000};             ///< ss-local: absolute
  /// ss-local: how long the first flight waits for the client's first bytes
  std::chrono::milliseconds first_flight{20};
  std::chrono::milliseconds udp{300'000};  ///< an association is silent; with a 2022 method at least 60 s
};

/// Bytes, 0 = as the system chooses.
struct BufferSizes {
  int send = 0;
  int receive = 0;
};

struct SocketOptions {
  bool fast_open = false;
  bool reuse_port = false;  ///< other processes of this user may listen on the same port too
  bool no_delay = true;
  bool mptcp = false;
  std::chrono::seconds keep_alive{15};    ///< 0 = off
  std::optional<std::uint32_t> fwmark;    ///< on outgoing connections
  std::optional<std::uint8_t> dscp;       ///< 0..63
  BufferSizes inbound;                    ///< of accepted connections
  BufferSizes outbound;                   ///< of connections that we open
  std::vector<IpAddress> bind_addresses;  ///< source of outgoing connections, at most one per family
  std::string bind_interface;             ///< empty = any
};

struct Dns {
  std::vector<Endpoint> nameservers;  ///< empty = the system's
  bool cache = true;
  bool ipv6_first = false;
  std::uint32_t max_questions = 512;  ///< to name servers, under way at once
};

/// Whether the two programs tell each other what standard Shadowsocks cannot say.
enum class Extension : std::uint8_t {
  automatic,  ///< on ss-server the same as `on`
  on,
  off,
};

/// What the programs do with what they need no more once they serve: give it up, and go on where the system cannot have
/// that, or end; or keep it.
enum class Sandbox : std::uint8_t { automatic, strict, off };

/// What both programs are told.
struct Settings {
  Mode mode = Mode::tcp_and_udp;  ///< of ss-local: what its inbounds serve together
  /// Whether somebody asked for that mode. If nobody did and the UDP port cannot be had, TCP alone is served.
  bool mode_written = false;
  Timeouts timeouts;
  SocketOptions sockets;
  Dns dns;
  std::uint32_t udp_max_associations = 65'536;
  std::uint64_t max_buffered = std::uint64_t{64} * 1024 * 1024;  ///< bytes kept for slow receivers, of all connections
  Extension extension = Extension::automatic;
  Sandbox sandbox = Sandbox::automatic;
  std::string user;                     ///< whom to become once everything is bound; empty = nobody else
  unsigned workers = 0;                 ///< 0 = auto
  std::optional<std::uint64_t> nofile;  ///< absent = raise to the hard limit
  std::string pid_file;                 ///< empty = none
};

}  // namespace ss::config
