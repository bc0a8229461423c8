#include "local_service.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "carrier_choice.hpp"
#include "greeting.hpp"
#include "local_session.hpp"
#include "ss/ops/engine.hpp"
#include "ss/protocol/replay/recent_salt_set.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

namespace {

Result<protocol::ClientCredentials> credentials_of(const config::Credentials& from) {
  if (!from.key.empty()) return protocol::ClientCredentials::from_key(*from.method, from.key.reveal());
  return protocol::ClientCredentials::from_password(*from.method, from.password);
}

SessionRules rules_of(const config::LocalConfig& config, const config::Inbound& inbound, Server& server,
                      AssociationCap& associations) {
  std::vector<SocksUser> users;
  for (const config::User& user : inbound.users) users.push_back({user.name, user.password.clone()});
  return {server,
          {std::move(users),
           {config::serves_tcp(inbound.mode), config::serves_udp(inbound.mode),
            config::serves_tcp(inbound.mode) && config.extension != config::Extension::off}},
          ops::dial_options(config),
          config.dns.ipv6_first,
          config.timeouts.handshake,
          config.timeouts.first_flight,
          inbound.udp_associate_address,
          config.udp_over_tcp,
          &associations,
          config.extension != config::Extension::off,
          config.socks5_reply,
          config.reply_wait};
}

/// What one worker's associations seal and open with, and how they are carried.
struct WorkerPackets {
  WorkerPackets(const SessionRules& rules, relay::Environment& env)
      : salts(random_key(env.entropy), kSaltsRemembered),
        keys(rules.server.credentials(), env.keys, env.entropy, salts) {
    if (rules.udp_over_tcp == config::UdpOverTcp::automatic) choice.emplace(env, rules, keys);
  }

  static KeyBytes random_key(Entropy& entropy) {
    KeyBytes key = KeyBytes::of_size(KeyBytes::kMax);
    entropy.fill(key.writable());
    return key;
  }

  /// Salts of the server's last SIP004 packets, against an answer that is played twice.
  static constexpr std::size_t kSaltsRemembered = 65'536;
  protocol::RecentSaltSet salts;
  protocol::ClientPacketKeys keys;
  std::optional<CarrierChoice> choice;
};

}  // namespace

int run(const config::LocalConfig& config) {
  const config::Server& written = config.servers.front();
  Result<protocol::ClientCredentials> credentials = credentials_of(written.credentials);
  if (!credentials) {
    telemetry::log_error("the key of the server: {}", describe(credentials.error()));
    return 2;
  }
  Server server(written.name, written.address, *std::move(credentials));
  if (config.extension == config::Extension::on) server.set_kind(Kind::ours);
  bool greeted = config.extension == config::Extension::off || !config::serves_tcp(config.mode);
  AssociationCap associations(config.udp_max_associations);
  std::vector<SessionRules> rules;
  rules.reserve(config.inbounds.size());
  std::vector<ops::Inbound> inbounds;
  for (const config::Inbound& inbound : config.inbounds) {
    rules.push_back(rules_of(config, inbound, server, associations));
    ops::Inbound& served = inbounds.emplace_back();
    served.listener = inbound.listener;
    served.streams = [&rules = rules.back(), &greeted](relay::Environment& env) -> ops::ServeStream {
      if (!std::exchange(greeted, true)) env.spawner.spawn(greet(env, rules));
      const auto packets = std::make_shared<WorkerPackets>(rules, env);
      return [&rules, &env, packets](std::unique_ptr<net::Stream> client) {
        return serve(env, rules, packets->keys, std::move(client), packets->choice ? &*packets->choice : nullptr);
      };
    };
  }
  // One browser's traffic: two workers are plenty.
  const unsigned workers = ops::worker_count(config, std::min(2U, std::thread::hardware_concurrency()));
  const std::string title = "ss-local, server " + server.address().to_string() + ",";
  return ops::run_engine({title, workers, config.sockets.fast_open}, config, inbounds);
}

}  // namespace ss::local
