#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ss/config/settings.hpp"

namespace ss::ops {

/// What a program needs once everything is open and bound. All else is given up.
struct SandboxPlan {
  config::Sandbox sandbox = config::Sandbox::automatic;
  std::string user;      ///< empty: stays who it is
  std::string pid_file;  ///< removed at the end; empty: none
  /// TCP ports that are listened on later, beside those that the system chooses.
  std::vector<config::PortRange> listens;
  /// TCP ports that connections go to; absent: to any.
  std::optional<std::vector<std::uint16_t>> connects;
  bool marks = false;         ///< sets marks on sockets (CAP_NET_ADMIN)
  bool binds_device = false;  ///< ties sockets to an interface (CAP_NET_RAW)
};

/// How that went.
struct SandboxOutcome {
  std::vector<std::string> held;     ///< what holds from now on, one or two words each
  std::vector<std::string> missing;  ///< what this system does not have, and why, one line each
  std::string failure;               ///< not empty: the program must not go on; one line
};

/// Gives up what the process has no use for any more, for good: in this order the user and supplementary groups,
/// capabilities, the means to get new ones (no-new-privs), files, ports and signals to strangers (Landlock), and system
/// calls (seccomp). What may still be read is /etc and where /etc/resolv.conf points to, since resolvers are told there
/// of another network; a file that is open stays open.
///
/// `strict`: whatever cannot be had is a failure. `auto`: it is `missing`. `off`: the user alone is changed, which is a
/// failure in any case where it cannot be.
///
/// @pre  the process has one thread; those that it starts afterwards are held too.
SandboxOutcome enter_sandbox(const SandboxPlan& plan);

}  // namespace ss::ops
