#pragma once

#include <string>

#include "sim/actor.hpp"
#include "sim/world.hpp"
#include "ss/cipher/method.hpp"

namespace ss::sim {

/// One CONNECT through the whole pair: an application, ss-local's session, ss-server's session and a target, in one
/// thread on virtual time.
struct Scenario {
  std::string name;
  std::string method = "2022-blake3-aes-256-gcm";
  std::size_t up = 0;                   ///< bytes that the application says
  std::size_t down = 0;                 ///< bytes that the target says
  bool target_listens_first = false;    ///< the target answers only after the application's FIN: half-close must work
  bool application_keeps_open = false;  ///< the application does not shut its write half before it has heard the end
  bool by_name = false;                 ///< the target is asked for by a domain name
  bool target_resets = false;  ///< the target ends with a reset, which must arrive as one, behind everything it said
  bool known_ours = false;     ///< ss-local knows that the server tells what became of the target, and waits for it
  bool optimistic = false;     ///< it answers at once all the same
  bool stock_server = false;   ///< the server does not tell
  bool target_refuses = false;
  bool application_resets = false;  ///< it does not wait for the target, which is not reached then
  Duration target_takes{};          ///< how long connecting to the target takes, or being refused
  /// BIND in the place of CONNECT: the target is the peer, and comes to the application.
  enum class Bind : std::uint8_t {
    none,
    peer,      ///< the peer comes
    stranger,  ///< somebody else does, and then the peer
    deserted,  ///< the application leaves before the peer comes
  } bind = Bind::none;
};

/// What a run came to.
struct Report {
  std::string violation;    ///< the invariant that broke, or empty
  std::uint64_t steps = 0;  ///< I/O steps of the pair
  std::uint64_t trace = 0;
  bool struck = false;
};

/// Runs `scenario` to its end and judges it by the invariants: what was delivered is a prefix of what was sent; a clean
/// end comes only after the last byte; without a fault everything arrives; nothing of the pair outlives its session,
/// which ends in bounded time; whoever waits for the truth is told it once and in time, 00 only where the target was
/// reached, and without a fault the reason that is true, at the moment when it is known; a stranger gets nothing but a
/// reset; no payload is readable on the wire between the two programs; a salt is remembered for every authenticated
/// stream and no other.
Report run_pair(const Scenario& scenario, std::uint64_t seed, Split split, FaultPlan plan);

}  // namespace ss::sim
