#include "server_service.hpp"

#include <thread>

#include "server_session.hpp"
#include "ss/cipher/random.hpp"
#include "ss/net/host_addresses.hpp"
#include "ss/ops/engine.hpp"
#include "ss/protocol/replay/exact_salt_pool.hpp"
#include "ss/protocol/replay/recent_salt_set.hpp"
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

/// 2022 salts: exact, for as long as a timestamp can pass. SIP004 has no clock: the last million.
relay::SharedSaltFilter salt_filter(const cipher::Method& method) {
  KeyBytes key = KeyBytes::of_size(KeyBytes::kMax);
  cipher::kernel_entropy().fill(key.writable());
  return relay::SharedSaltFilter([&]() -> std::unique_ptr<protocol::SaltFilter> {
    if (method.is_2022()) return std::make_unique<protocol::ExactSaltPool>(key);
    return std::make_unique<protocol::RecentSaltSet>(
        key, protocol::RecentSaltSet::kCapacity / relay::SharedSaltFilter::kShards);
  });
}

}  // namespace

int run(const config::ServerConfig& config) {
  const Result<protocol::ServerCredentials> credentials = credentials_of(config);
  if (!credentials) {
    telemetry::log_error("the keys of this server: {}", describe(credentials.error()));
    return 2;
  }
  const cipher::Method& method = *config.credentials.method;
  relay::SharedSaltFilter salts = salt_filter(method);
  const relay::TargetPolicy policy(config.allow_targets, config.deny_targets, net::interface_addresses());
  const SessionRules rules{*credentials,
                           salts,
                           policy,
                           relay::RejectRule::make(policy_of(config.reject, method), method),
                           ops::dial_options(config),
                           config.dns.ipv6_first};
  std::vector<ops::Inbound> inbounds;
  for (const config::Listener& listener : config.listeners) {
    inbounds.push_back({listener, [&rules](relay::Environment& env, std::unique_ptr<net::Stream> client) {
                          return serve(env, rules, std::move(client));
                        }});
  }
  const unsigned workers = ops::worker_count(config, std::thread::hardware_concurrency());
  // A target that speaks first would wait for a write that never comes: fast open serves the listener alone.
  return ops::run_engine({"ss-server, " + std::string(method.name) + ",", workers, false}, config, inbounds);
}

}  // namespace ss::server
