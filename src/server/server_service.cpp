#include "server_service.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "packet_inbound.hpp"
#include "replay_memory.hpp"
#include "replay_store.hpp"
#include "server_session.hpp"
#include "ss/cipher/random.hpp"
#include "ss/net/host_addresses.hpp"
#include "ss/ops/engine.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/relay/shared_salt_filter.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::server {

namespace {

Result<protocol::ServerCredentials> credentials_of(const config::ServerConfig& config) {
  using protocol::ServerCredentials;
  const config::Credentials& from = config.credentials;
  Result<ServerCredentials> credentials = from.key.empty()
                                              ? ServerCredentials::from_password(*from.method, from.password)
                                              : ServerCredentials::from_key(*from.method, from.key.reveal());
  if (!credentials) return credentials;
  for (const config::User& user : config.users) {
    const Result<void> added = credentials->add_user(user.name, user.password);
    if (!added) return added.error();
  }
  return credentials;
}

/// What stock servers do, so as not to stand out: reset with 2022 methods, silence with SIP004.
relay::RejectPolicy policy_of(config::RejectPolicy policy, const cipher::Method& method) {
  switch (policy) {
    case config::RejectPolicy::silent:
      return relay::RejectPolicy::silent;
    case config::RejectPolicy::reset:
      return relay::RejectPolicy::reset;
    case config::RejectPolicy::fin:
      return relay::RejectPolicy::fin;
    case config::RejectPolicy::automatic:
      break;
  }
  return method.is_2022() ? relay::RejectPolicy::reset : relay::RejectPolicy::silent;
}

/// @return  null where it cannot be had (it has been logged).
std::unique_ptr<ReplayStore> open_store(const std::string& path, const cipher::Method& method) {
  ReplayStore::Opened opened = ReplayStore::open(path, method, relay::SharedSaltFilter::kShards, system_clock());
  if (!opened.store) {
    telemetry::log_error("replay_store {}: {}", path, opened.problem);
    return nullptr;
  }
  const std::optional<ReplayStore::Gap>& gap = opened.store->gap();
  if (gap && method.is_2022()) {
    telemetry::log_warn(
        "replay_store {}: {}: a request of before could not be told from a replay, so clients are refused for about {} "
        "s",
        path, gap->why, gap->up_to - std::min(gap->up_to, system_clock().unix_now()));
  } else if (gap) {
    telemetry::log_warn("replay_store {}: {}: what was recorded before is served once more", path, gap->why);
  }
  return std::move(opened.store);
}

/// A DNS answer comes at once or never; a game may be silent for a while.
constexpr Duration kIdleDns = std::chrono::seconds(17);

/// How long a stream of UDP over TCP may be silent: what carries no DNS alone is given at least a minute.
std::optional<Duration> datagrams_idle(const config::ServerConfig& config) {
  if (!config::serves_udp(config.mode)) return std::nullopt;
  return std::max<Duration>(config.timeouts.udp, std::chrono::seconds(60));
}

/// What the program itself opens, and some connections.
constexpr rlim_t kOwnDescriptors = 64;

rlim_t descriptors() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

std::uint32_t at_least_one(rlim_t count) {
  return static_cast<std::uint32_t>(std::clamp<rlim_t>(count, 1, UINT32_MAX));
}

/// Descriptors are for TCP too: an association has a socket, seldom two.
std::uint32_t descriptors_for_associations() {
  const rlim_t all = descriptors();
  return at_least_one((all - std::min(all, kOwnDescriptors)) / 5 * 4);
}

/// A connection has two descriptors once it is relayed, and a tenth of all is for everything else.
ConnectionLimits connection_limits(const config::ServerConfig& config) {
  ConnectionLimits limits;
  limits.total = config.max_connections.value_or(at_least_one(descriptors() / 20 * 9));
  const std::uint32_t half = at_least_one(limits.total / 2);
  limits.unauthenticated = config.max_unauthenticated.value_or(half);
  limits.of_source = config.max_connections_per_source.value_or(half);
  return limits;
}

AssociationLimits association_limits(const config::ServerConfig& config, unsigned workers) {
  AssociationLimits limits;
  const bool has_sessions = config.credentials.method->is_2022();
  limits.idle = std::max<Duration>(config.timeouts.udp, has_sessions ? protocol::kTimelyFor : Duration::zero());
  limits.idle_dns = has_sessions ? limits.idle : std::min<Duration>(limits.idle, kIdleDns);
  limits.total = std::min(config.udp_max_associations, descriptors_for_associations());
  limits.tables = workers * static_cast<std::uint32_t>(config.listeners.size());
  limits.window = has_sessions ? protocol::kTimelyFor : Duration::zero();
  return limits;
}

/// By user, in the order of the credentials; without users there is one.
std::vector<std::optional<config::PortRange>> bind_ports(const config::ServerConfig& config) {
  std::vector<std::optional<config::PortRange>> ranges;
  for (const config::User& user : config.users) ranges.push_back(user.bind_ports);
  if (ranges.empty()) ranges.push_back(config.bind_ports);
  return ranges;
}

std::array<std::uint8_t, cipher::kSipHashKey> random_key() {
  std::array<std::uint8_t, cipher::kSipHashKey> key{};
  cipher::kernel_entropy().fill(key);
  return key;
}

}  // namespace

int run(const config::ServerConfig& config) {
  const Result<protocol::ServerCredentials> credentials = credentials_of(config);
  if (!credentials) {
    telemetry::log_error("the keys of this server: {}", describe(credentials.error()));
    return 2;
  }
  const cipher::Method& method = *config.credentials.method;
  std::unique_ptr<ReplayStore> store;
  if (!config.replay_store.empty()) {
    store = open_store(config.replay_store, method);
    if (!store) return 1;
  }
  ReplayMemory replays(method, std::move(store), cipher::kernel_entropy(), system_clock());
  const relay::TargetPolicy policy(config.allow_targets, config.deny_targets, net::interface_addresses());
  const unsigned workers = ops::worker_count(config, std::thread::hardware_concurrency());
  const AssociationLimits limits = association_limits(config, workers);
  AssociationCounts counts(credentials->users().size());
  ClockReports clocks(*credentials);
  BindCounts binds(credentials->users().size());
  const SessionRules rules{*credentials,
                           replays.stream_salts(),
                           policy,
                           relay::RejectRule::make(policy_of(config.reject, method), method),
                           ops::dial_options(config),
                           config.dns.ipv6_first,
                           datagrams_idle(config),
                           &counts,
                           limits,
                           config.extension != config::Extension::off,
                           bind_ports(config),
                           config.speedtest,
                           config.sockets.fast_open,
                           &clocks,
                           &binds};
  ConnectionCounts connections(connection_limits(config), {random_key()});
  std::map<const relay::Environment*, ConnectionGate> gates;  // by worker
  const AssociationKeyHash hash{random_key()};
  SessionDirectory directory(hash);
  const PacketRules packet_rules{
      *credentials, replays.packet_salts(), replays.packet_stamps(), policy, directory, counts, limits,
      hash,         config.dns.ipv6_first};
  std::vector<ops::Inbound> inbounds;
  for (const config::Listener& listener : config.listeners) {
    ops::Inbound& inbound = inbounds.emplace_back();
    inbound.listener = listener;
    inbound.datagrams_optional = !config.mode_written;
    if (config::serves_tcp(config.mode)) {
      inbound.streams = [&rules, &connections, &gates](relay::Environment& env) -> ops::ServeStream {
        ConnectionGate& gate = gates.try_emplace(&env, connections, env).first->second;
        return [&rules, &env, &gate](std::unique_ptr<net::Stream> client) {
          return serve(env, rules, std::move(client), &gate);
        };
      };
    }
    if (config::serves_udp(config.mode)) {
      inbound.datagrams = [&packet_rules](relay::Environment& env, net::Worker& worker,
                                          std::unique_ptr<net::Datagram> socket) {
        PostToWorker post = [&worker](std::function<void()> fn) { worker.post(std::move(fn)); };
        return serve_packets(env, packet_rules, std::move(post), std::move(socket));
      };
    }
  }
  ops::SandboxPlan sandbox = ops::sandbox_plan(config);
  for (const std::optional<config::PortRange>& range : rules.bind_ports) {
    if (range) sandbox.listens.push_back(*range);
  }
  // A target that speaks first would wait for a write that never comes: fast open serves the listener alone.
  return ops::run_engine({"ss-server, " + std::string(method.name) + ",", workers, false, sandbox}, config, inbounds);
}

}  // namespace ss::server
