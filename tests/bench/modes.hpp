#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "client.hpp"

namespace ss::bench {

/// Each mode runs to its end and returns its own figures as the inside of a JSON object.

/// `connections` streams that share `bytes`, sent (up) or received and checked.
std::string run_bulk(Load& load, bool up, unsigned connections, std::uint64_t bytes);
/// Connections that exchange 100 B each way and close, `connections` at a time, until the deadline.
std::string run_short(Load& load, unsigned connections);
/// Messages of 64 B on `connections` streams, one under way on each, until the deadline.
std::string run_ping(Load& load, unsigned connections);
/// Opens `connections` streams, says `ready` on standard output and holds them until standard input ends.
std::string run_idle(Load& load, unsigned connections);

/// What a UDP run does.
struct UdpPlan {
  unsigned associations;
  std::size_t size;  ///< bytes of payload in a datagram, at least 8
  unsigned window;   ///< datagrams that an association keeps under way
  std::uint64_t rate;
  bool plain;  ///< every datagram by itself
  std::chrono::milliseconds duration;
};

/// As many echoes as the window yields. Gives `packets` echoed, `lost`, `seconds` and `pps` sent.
std::string run_udp_echo(Load& load, const UdpPlan& plan);
/// `rate` datagrams a second in all, whatever comes back.
std::string run_udp_rate(Load& load, const UdpPlan& plan);
/// Begins associations, one echo on each, says `ready` on standard output and holds them until standard input ends.
std::string run_udp_idle(Load& load, const UdpPlan& plan);

}  // namespace ss::bench
