#include <algorithm>
#include <unordered_set>

#include "ss/config/gather.hpp"
#include "ss/config/key_check.hpp"
#include "ss/config/load.hpp"
#include "ss/config/settings_reader.hpp"
#include "ss/config/udp_reader.hpp"
#include "ss/config/users_reader.hpp"
#include "ss/config/values.hpp"

namespace ss::config {
namespace {

std::vector<Listener> read_listeners(const Lookup& lookup) {
  const Found server = lookup.find("server");
  const Found port = lookup.find("server_port");
  const PortRule common_port = read_port(lookup, "server_port", server);
  bool port_is_needed = !server && !server.refused;
  std::vector<Listener> listeners;
  for (const JsonValue* const value : lookup.texts(server)) {
    std::optional<TargetAddress> address = read_address(*value, server.path, common_port, lookup.problems());
    if (!address) continue;
    port_is_needed = port_is_needed || address->port() == 0;
    const auto same = [&](const Listener& other) { return other.address == *address; };
    if (std::any_of(listeners.begin(), listeners.end(), same)) {
      lookup.problems().error(value->position, server.path, {"the same address stands twice", "remove one of them"});
    }
    listeners.push_back({*std::move(address)});
  }
  if (server && server.value->type == JsonValue::Type::array && server.value->items.empty()) {
    lookup.error(server, {"is empty", "write an address to listen on, or remove it to listen on all"});
  }
  if (port_is_needed) lookup.missing("server_port", port, "write the port that clients connect to, such as 8388");
  if (listeners.empty()) {
    // One socket for both families, as there is no address to say which is meant.
    listeners.push_back({TargetAddress(IpAddress(IpAddress::V6{}), common_port.port)});
  }
  return listeners;
}

RejectPolicy read_reject(const Lookup& lookup) {
  const Found found = lookup.find("reject");
  if (!found || found.value->text == "auto") return RejectPolicy::automatic;
  if (found.value->text == "silent") return RejectPolicy::silent;
  return found.value->text == "reset" ? RejectPolicy::reset : RejectPolicy::fin;
}

std::optional<std::uint32_t> read_count(const Lookup& lookup, std::string_view name) {
  const std::optional<double> count = lookup.number(name);
  return count ? std::optional(static_cast<std::uint32_t>(*count)) : std::nullopt;
}

std::vector<TargetRule> read_rules(const Lookup& lookup, std::string_view name) {
  std::vector<TargetRule> rules;
  const Found found = lookup.find(name);
  for (const JsonValue* const value : lookup.texts(found)) {
    if (std::optional<TargetRule> rule = TargetRule::parse(value->text)) {
      rules.push_back(*std::move(rule));
    } else {
      lookup.problems().error(value->position, found.path,
                              {"is neither addresses nor a host pattern",
                               "write such as 10.0.0.0/8, fc00::/7, example.com or *.example.com"});
    }
  }
  return rules;
}

std::vector<User> read_server_users(const Lookup& lookup, const Found& found, const Credentials& credentials,
                                    const CredentialRules& rules) {
  const cipher::Method* const method = credentials.method;
  std::unordered_set<std::string_view> taken;
  const auto check = [&](const Secret& password, const JsonValue& value, const std::string& path) {
    if (!method) return;
    if (std::optional<Complaint> complaint = check_password(*method, text_of(password.reveal()), Programs::server)) {
      lookup.problems().error(value.position, path, *complaint);
      return;
    }
    check_strength(*method, password, value, path, rules, lookup.problems());
    if (!taken.insert(value.text).second) {
      lookup.problems().error(value.position, path,
                              {"is the password of an earlier user too", "give each user one of his own"});
    } else if (method->is_2022() && equal_in_constant_time(credentials.password.reveal(), password.reveal())) {
      lookup.problems().error(value.position, path, {"is the server's own key too", "give each user a key of his own"});
    }
  };
  return read_users(*found.value, found.path, Scope::server_user, lookup, Programs::server, check);
}

void check_users(const Lookup& lookup, const Found& found, const ServerConfig& config) {
  if (!found || found.value->items.empty() || !config.credentials.method) return;
  if (config.users.empty()) {
    // Without users the server's own key would be served, which the file does not ask for.
    lookup.error(found, {"all users are disabled", "enable one, or stop the server"});
  }
  const cipher::Method& method = *config.credentials.method;
  if (method.family == cipher::Family::plain || (method.is_2022() && !method.identity_headers)) {
    lookup.error(found, {std::string(method.name) + " cannot tell users apart",
                         "use 2022-blake3-aes-128-gcm, 2022-blake3-aes-256-gcm or a SIP004 method, or remove `users`"});
  }
  // Each stream of an unknown user costs one trial for every one of them.
  constexpr std::size_t kMaxTrialUsers = 1000;
  if (method.family == cipher::Family::aead2017 && config.users.size() > kMaxTrialUsers) {
    lookup.error(found,
                 {"there are more than 1000 users", "use a 2022 AES method, which finds a user without trying all"});
  }
}

/// Keys that speak to both programs, but mean something to ss-local alone.
void warn_of_client_keys(const Lookup& lookup) {
  if (const Found found = lookup.find("handshake_timeout")) {
    lookup.warn(found,
                {"has no effect on ss-server", "a stranger's connection ends after 60 s, as on every other server"});
  }
  const Found found = lookup.find("local_address");
  if (!found || found.value->text.empty()) return;
  const std::optional<TargetAddress> address = read_address(*found.value, found.path, {}, lookup.problems());
  if (address && !is_loopback(*address)) {
    lookup.warn(found, {"has no effect on ss-server", "write `bind_address` for the source of outgoing connections"});
  }
}

}  // namespace

Loaded<ServerConfig> load_server(const Sources& sources) {
  Gathered gathered(sources, Programs::server);
  if (!gathered.is_readable()) return {std::nullopt, gathered.problems().take()};
  const Lookup& lookup = gathered.lookup();
  ServerConfig config;
  config.listeners = read_listeners(lookup);
  bool v6_only = false;
  lookup.take("ipv6_only", v6_only);
  std::vector<Listener*> listeners;
  for (Listener& listener : config.listeners) listeners.push_back(&listener);
  settle_families(v6_only, listeners);
  static_cast<Settings&>(config) = read_settings(lookup, Programs::server, config.listeners.front().address.port());

  const Found users = lookup.find("users");
  CredentialRules rules{Programs::server};
  rules.has_users = users && !users.value->items.empty();
  rules.only_loopback = std::all_of(config.listeners.begin(), config.listeners.end(),
                                    [](const Listener& listener) { return is_loopback(listener.address); });
  lookup.take("allow_weak_password", rules.allow_weak);
  config.credentials = read_credentials(lookup, rules);
  config.timeouts.udp = read_udp_timeout(lookup, config.credentials.method);
  if (users) config.users = read_server_users(lookup, users, config.credentials, rules);
  check_users(lookup, users, config);
  config.reject = read_reject(lookup);
  if (const Found ports = lookup.find("bind_ports")) config.bind_ports = port_range_of(*ports.value);
  config.max_connections = read_count(lookup, "max_connections");
  config.max_unauthenticated = read_count(lookup, "max_unauthenticated");
  config.max_connections_per_source = read_count(lookup, "max_connections_per_source");
  lookup.take("replay_store", config.replay_store);
  if (config.replay_store == "memory") config.replay_store.clear();
  lookup.take("speedtest", config.speedtest);
  config.allow_targets = read_rules(lookup, "allow_targets");
  config.deny_targets = read_rules(lookup, "deny_targets");
  warn_of_client_keys(lookup);

  const bool failed = gathered.problems().has_errors();
  return {failed ? std::nullopt : std::optional(std::move(config)), gathered.problems().take()};
}

}  // namespace ss::config
