#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "association_table.hpp"
#include "bind_share.hpp"
#include "clock_reports.hpp"
#include "connection_gate.hpp"
#include "ss/config/settings.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/replay/salt_filter.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/reject.hpp"
#include "ss/relay/target_policy.hpp"

namespace ss::server {

/// What every session of one listener shares. Immutable but for the salt filter, which locks, and the counts.
/// Owner: the service; outlives every session.
struct SessionRules {
  const protocol::ServerCredentials& credentials;
  protocol::SaltFilter& salts;
  const relay::TargetPolicy& policy;
  relay::RejectRule reject;
  net::DialOptions dial;
  bool ipv6_first = false;
  /// How long a stream of UDP over TCP may be silent; nothing: there are none.
  std::optional<Duration> datagrams_idle = std::nullopt;
  /// Where such a stream is counted among the associations; null: nowhere.
  AssociationCounts* associations = nullptr;
  AssociationLimits association_limits{};
  /// Whether marked requests are answered by frames (protocol/pair); otherwise marks are not looked for.
  bool extension = true;
  /// Where BIND may listen, by user; one that is not there has no range.
  std::vector<std::optional<config::PortRange>> bind_ports{};
  /// Whether ECHO, SOURCE and SINK are served.
  bool speedtest = false;
  /// Whether a first payload may ride in the SYN to its target.
  bool fast_open = false;
  /// Who says that a user's clock is off; null: nobody.
  ClockReports* clocks = nullptr;
  /// Where the ports that BIND holds open are counted; null: nowhere.
  BindCounts* binds = nullptr;

  [[nodiscard]] std::optional<config::PortRange> bind_range(std::size_t user) const {
    return user < bind_ports.size() ? bind_ports[user] : std::nullopt;
  }
};

/// Serves one accepted connection to its end: handshake, policy, dial, relay. What does not authenticate leaves by
/// relay::reject; a target that cannot be reached or is refused ends the stream with FIN and without a byte, as stock
/// servers do. A marked request is answered by a frame first, whatever became of it. A target that stands for UDP over
/// TCP is neither resolved nor dialled: its datagrams are sent from here.
///
/// @param gate  of the worker; null: there is room for every connection.
/// Threads: the worker's. `env`, `rules` and `gate` outlive the task.
net::Task<> serve(relay::Environment& env, const SessionRules& rules, std::unique_ptr<net::Stream> client,
                  ConnectionGate* gate = nullptr);

}  // namespace ss::server
