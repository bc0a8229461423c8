#include "local_service.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "local_session.hpp"
#include "local_worker.hpp"
#include "servers/fleet.hpp"
#include "servers/greeting.hpp"
#include "ss/ops/engine.hpp"
#include "ss/protocol/replay/recent_salt_set.hpp"
#include "ss/telemetry/log.hpp"
#include "udp/carrier_choice.hpp"

namespace ss::local {

namespace {

Result<protocol::ClientCredentials> credentials_of(const config::Credentials& from) {
  if (!from.key.empty()) return protocol::ClientCredentials::from_key(*from.method, from.key.reveal());
  return protocol::ClientCredentials::from_password(*from.method, from.password);
}

NegotiationRules negotiation_of(const config::LocalConfig& config, const config::Inbound& inbound) {
  NegotiationRules rules;
  for (const config::User& user : inbound.users) rules.users.push_back({user.name, user.password.clone()});
  rules.commands.connect = config::serves_tcp(inbound.mode);
  rules.commands.udp_associate = config::serves_udp(inbound.mode);
  rules.socks = inbound.protocol != config::InboundProtocol::http;
  rules.http = inbound.protocol != config::InboundProtocol::socks;
  rules.idle = config.timeouts.half_closed;
  rules.commands.bind = rules.commands.connect && config.extension != config::Extension::off;
  return rules;
}

SessionRules rules_of(const config::LocalConfig& config, const config::Inbound& inbound, const config::Server& written,
                      Server& server, AssociationCap& associations) {
  return {server,
          ops::dial_options(config),
          config.dns.ipv6_first,
          config.timeouts.handshake,
          config.timeouts.first_flight,
          inbound.udp_associate_address,
          config.udp_over_tcp,
          &associations,
          config.extension != config::Extension::off,
          config.socks5_reply,
          config.reply_wait,
          config::serves_tcp(written.mode)};
}

KeyBytes random_key(Entropy& entropy) {
  KeyBytes key = KeyBytes::of_size(KeyBytes::kMax);
  entropy.fill(key.writable());
  return key;
}

/// What one worker's associations with one server seal and open with, and how they are carried.
struct LanePackets {
  LanePackets(const SessionRules& rules, relay::Environment& env)
      : salts(random_key(env.entropy), kSaltsRemembered),
        keys(rules.server.credentials(), env.keys, env.entropy, salts) {
    if (rules.udp_over_tcp == config::UdpOverTcp::automatic) choice.emplace(env, rules, keys);
  }

  /// Salts of the server's last SIP004 packets, against an answer that is played twice.
  static constexpr std::size_t kSaltsRemembered = 65'536;
  protocol::RecentSaltSet salts;
  protocol::ClientPacketKeys keys;
  std::optional<CarrierChoice> choice;
};

/// One listener, on all workers.
struct ListenerRules {
  NegotiationRules negotiation;
  std::vector<SessionRules> by_server;
};

/// One listener, on one worker.
class WorkerParts {
 public:
  WorkerParts(const ListenerRules& listener, relay::Environment& env, const Fleet& fleet,
              std::shared_ptr<WarmPools> pools)
      : pools_(std::move(pools)), worker_{listener.negotiation, {}, fleet.tcp.get(), fleet.udp.get()} {
    for (const SessionRules& rules : listener.by_server) {
      LanePackets& packets = *packets_.emplace_back(std::make_unique<LanePackets>(rules, env));
      WarmPool* const pool = &pools_->of(worker_.lanes.size());
      worker_.lanes.push_back({rules, packets.keys, packets.choice ? &*packets.choice : nullptr, pool});
    }
  }
  [[nodiscard]] const LocalWorker& worker() const { return worker_; }

 private:
  std::vector<std::unique_ptr<LanePackets>> packets_;
  std::shared_ptr<WarmPools> pools_;
  LocalWorker worker_;
};

/// @return null: a key is not one; it has been logged.
std::unique_ptr<Server> make_server(const config::Server& written, config::Extension extension) {
  Result<protocol::ClientCredentials> credentials = credentials_of(written.credentials);
  if (!credentials) {
    telemetry::log_error("the key of the server {}: {}", written.name, describe(credentials.error()));
    return nullptr;
  }
  auto server = std::make_unique<Server>(written.name, written.address, *std::move(credentials));
  if (extension == config::Extension::on) server->set_kind(Kind::ours);
  return server;
}

std::string title_of(const std::vector<std::unique_ptr<Server>>& servers) {
  if (servers.size() == 1) return "ss-local, server " + servers.front()->address().to_string() + ",";
  return "ss-local, " + std::to_string(servers.size()) + " servers,";
}

/// It connects to servers and name servers alone.
ops::SandboxPlan sandbox_of(const config::LocalConfig& config) {
  constexpr std::uint16_t kDnsPort = 53;
  ops::SandboxPlan plan = ops::sandbox_plan(config);
  std::vector<std::uint16_t>& ports = plan.connects.emplace(1, kDnsPort);
  for (const config::Server& server : config.servers) ports.push_back(server.address.port());
  for (const Endpoint& nameserver : config.dns.nameservers) ports.push_back(nameserver.port);
  return plan;
}

}  // namespace

int run(const config::LocalConfig& config) {
  std::vector<std::unique_ptr<Server>> servers;
  for (const config::Server& written : config.servers) {
    servers.push_back(make_server(written, config.extension));
    if (!servers.back()) return 2;
  }
  const Fleet fleet(config);
  for (std::size_t i = 0; i < servers.size(); ++i) servers[i]->report_to(fleet.tcp.get(), fleet.udp.get(), i);
  std::map<const relay::Environment*, std::shared_ptr<WarmPools>> pools;  // by worker
  AssociationCap associations(config.udp_max_associations);
  std::vector<ListenerRules> listeners;
  listeners.reserve(config.inbounds.size());
  std::vector<ops::Inbound> inbounds;
  bool greeted = config.extension == config::Extension::off || !config::serves_tcp(config.mode);
  for (const config::Inbound& inbound : config.inbounds) {
    ListenerRules& listener = listeners.emplace_back(ListenerRules{negotiation_of(config, inbound), {}});
    for (std::size_t i = 0; i < servers.size(); ++i) {
      listener.by_server.push_back(rules_of(config, inbound, config.servers[i], *servers[i], associations));
    }
    ops::Inbound& served = inbounds.emplace_back();
    served.listener = inbound.listener;
    served.streams = [&listener, &greeted, &fleet, &pools](relay::Environment& env) -> ops::ServeStream {
      if (!std::exchange(greeted, true)) {
        for (const SessionRules& rules : listener.by_server) {
          if (rules.carries_tcp) env.spawner.spawn(greet(env, rules));
        }
      }
      std::shared_ptr<WarmPools>& warm = pools[&env];
      if (!warm) warm = std::make_shared<WarmPools>(env, fleet);
      const auto parts = std::make_shared<WorkerParts>(listener, env, fleet, warm);
      return
          [&env, parts](std::unique_ptr<net::Stream> client) { return serve(env, parts->worker(), std::move(client)); };
    };
  }
  // One browser's traffic: two workers are plenty.
  const unsigned workers = ops::worker_count(config, std::min(2U, std::thread::hardware_concurrency()));
  return ops::run_engine({title_of(servers), workers, fleet.fast_open_dials, sandbox_of(config)}, config, inbounds);
}

}  // namespace ss::local
