#pragma once

#include <cstdint>
#include <string>

#include "sim/datagram_net.hpp"
#include "sim/pair_run.hpp"
#include "sim/world.hpp"
#include "ss/config/local_config.hpp"

namespace ss::sim {

/// How an application ends its control connection.
enum class Departure : std::uint8_t { shuts, resets };

/// UDP ASSOCIATE through the whole pair: two applications on one machine, ss-local, ss-server and a target that answers
/// every datagram.
struct UdpScenario {
  std::string name;
  std::string method = "2022-blake3-aes-256-gcm";
  bool fragments = false;                          ///< every datagram comes in three
  std::optional<Departure> leaves = std::nullopt;  ///< the first application does, with datagrams under way
  bool by_name = false;                            ///< target and ss-server are asked for by domain names
  bool recorded = false;                           ///< somebody between the programs sends all that passes once more
  config::UdpOverTcp over_tcp = config::UdpOverTcp::off;
  unsigned workers = 1;                       ///< of ss-server
  Path between{};                             ///< the path between the programs, both ways, at first
  SocketFaults sockets{};                     ///< of both programs, as long
  Duration healed = std::chrono::seconds(4);  ///< when path and sockets are well again
  std::size_t size = 60;                      ///< of a datagram's payload, or a little more
  std::size_t datagrams = 3;                  ///< of the first application, before it probes; the other one has one
};

/// Runs `scenario` to its end and judges it. After every event: what is delivered was sent, by that application or to
/// it, with the right source, and once for each time that it came to the pair, however often the network doubled it in
/// between; nothing goes where nobody expects it; no payload is readable between the programs; sockets and held memory
/// stay within what live associations need. In the end: where the carrier is found out, packets carry again once they
/// get through; without a fault all of it has arrived; an association whose
/// control connection stands works again, whatever struck it; one whose control connection is gone has no socket;
/// everything idle has been let go, everything stops, and nothing is left.
Report run_udp(const UdpScenario& scenario, std::uint64_t seed, Split split, FaultPlan plan);

}  // namespace ss::sim
