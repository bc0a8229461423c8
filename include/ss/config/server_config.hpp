#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ss/base/target_rule.hpp"
#include "ss/config/settings.hpp"

namespace ss::config {

/// What a stream gets that did not authenticate.
enum class RejectPolicy : std::uint8_t {
  automatic,  ///< reset for 2022 methods, silent for SIP004
  silent,
  reset,
  fin,
};

/// All that ss-server is told, checked.
struct ServerConfig : Settings {
  std::vector<Listener> listeners;  ///< at least one
  Credentials credentials;
  std::vector<User> users;  ///< empty = one anonymous user
  RejectPolicy reject = RejectPolicy::automatic;
  std::vector<TargetRule> allow_targets;  ///< opens what is refused by default
  std::vector<TargetRule> deny_targets;   ///< stronger than allow_targets
  /// Where BIND may listen for those without a range of their own; absent = nowhere. Every user's own is settled.
  std::optional<PortRange> bind_ports;
  std::optional<std::uint32_t> max_connections;             ///< absent = as many as descriptors allow
  std::optional<std::uint32_t> max_unauthenticated;         ///< of those; absent = half of them
  std::optional<std::uint32_t> max_connections_per_source;  ///< absent = half of all
  std::string replay_store;  ///< the file where salts survive a restart; empty: in memory alone
  bool speedtest = false;    ///< whether ECHO, SOURCE and SINK are served
};

}  // namespace ss::config
