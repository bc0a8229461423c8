#pragma once

#include <string>

#include "sim/pair_run.hpp"
#include "sim/world.hpp"

namespace ss::sim {

/// Clients that come two by two to one ss-local, which keeps warm connections and may have several servers.
struct FleetScenario {
  std::string name;
  std::string method = "2022-blake3-aes-256-gcm";
  std::size_t servers = 1;
  std::size_t clients = 5;
  bool warm = true;            ///< connections are kept ready
  bool optimistic = false;     ///< clients are answered before the truth is known
  bool speaks_late = false;    ///< they say nothing for a while then
  bool server_closes = false;  ///< the server resets every 97 ms what waits
  /// What the first server does to clients 3 to 8.
  enum class Outage : std::uint8_t {
    none,
    refuses,   ///< dials are refused; what is connected goes on
    vanishes,  ///< dials are not answered; what is connected goes on
    dies,      ///< what is connected is reset, too
  } outage = Outage::none;
  bool acks_late = false;  ///< what a server has read looks for a second as if it had not
};

/// Runs `scenario` to its end and judges it: what a target hears is a prefix of what one client said, and no byte of a
/// client reaches two connections to a target; a client that was told 00 and hears a clean end has everything, and so
/// has its target; nothing outlives its session. Without a fault every client gets all of it, whatever happened to
/// dials alone and to connections that waited; with `dies`, every client that comes later than that.
Report run_fleet(const FleetScenario& scenario, std::uint64_t seed, Split split, FaultPlan plan);

}  // namespace ss::sim
