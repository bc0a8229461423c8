#include <algorithm>

#include "ss/config/gather.hpp"
#include "ss/config/load.hpp"
#include "ss/config/servers_reader.hpp"
#include "ss/config/settings_reader.hpp"
#include "ss/config/udp_reader.hpp"
#include "ss/config/users_reader.hpp"
#include "ss/config/values.hpp"

namespace ss::config {
namespace {

constexpr std::uint16_t kSocksPort = 1080;

/// What is written for all inbounds.
struct Common {
  LocalModes modes;
  std::optional<IpAddress> udp_associate_address;
};

TargetAddress loopback(std::uint16_t port) {
  return {IpAddress(IpAddress::V4{127, 0, 0, 1}), port};
}

std::vector<User> read_socks_users(const Lookup& lookup, const Section& entry) {
  const JsonValue* const list = entry.find("users");
  if (!list) return {};
  const std::string path = entry.path_of("users");
  if (list->items.empty()) {
    // Nobody listed must not come to mean that everybody may enter.
    lookup.problems().error(list->position, path, {"is empty", "write a user, or remove it to let everybody in"});
  }
  const auto check = [&](const Secret& password, const JsonValue& value, const std::string& where) {
    // RFC 1929: one length byte, and 1 to 255 bytes.
    if (password.empty() || password.size() > 255) {
      lookup.problems().error(value.position, where,
                              {"is empty or longer than 255 bytes", "write a password that SOCKS5 can carry"});
    }
  };
  return read_users(*list, path, Scope::inbound_user, lookup, Programs::local, check);
}

InboundProtocol read_protocol(const Section& section, ProblemList& problems) {
  const JsonValue* const written = section.find("protocol");
  if (!written || written->text == "mixed") return InboundProtocol::mixed;
  if (written->text == "socks") return InboundProtocol::socks;
  if (written->text != "http") {
    problems.error(written->position, section.path_of("protocol"),
                   {"is not supported yet", "`socks`, `http` and `mixed` work"});
  }
  return InboundProtocol::http;
}

/// What is written in `section` of the listener: its protocol and its mode.
void read_kind(const Lookup& lookup, const LocalModes& modes, const Section& section, Inbound& inbound) {
  inbound.protocol = read_protocol(section, lookup.problems());
  inbound.mode = read_inbound_mode(modes, section, lookup.problems());
  if (inbound.protocol != InboundProtocol::http) return;
  if (!serves_tcp(inbound.mode)) {
    lookup.problems().error(section.find("protocol")->position, section.path_of("protocol"),
                            {"HTTP carries no UDP, and `mode` leaves nothing else", "write \"mixed\""});
  }
  inbound.mode = Mode::tcp_only;
}

/// @param inbound  all of it but its listener
void add_inbound(const Lookup& lookup, const Found& address, const PortRule& port, Inbound inbound,
                 std::vector<Inbound>& inbounds) {
  std::optional<TargetAddress> listen = loopback(port.port);
  // As in shadowsocks-libev, no text means no address.
  if (address && !address.value->text.empty())
    listen = read_address(*address.value, address.path, port, lookup.problems());
  if (!listen || listen->port() == 0) return;
  const Position at = address ? address.value->position : lookup.top();
  const auto same = [&](const Inbound& other) { return other.listener.address == *listen; };
  if (std::any_of(inbounds.begin(), inbounds.end(), same)) {
    lookup.problems().error(at, address.path, {listen->to_string() + " is listened on twice", "remove one of them"});
  }
  if (!is_loopback(*listen) && inbound.users.empty()) {
    lookup.problems().warn(at, address.path,
                           {"whoever reaches " + listen->to_string() + " can use this proxy",
                            "write 127.0.0.1, or `users` into a `locals` entry"});
  }
  inbound.listener.address = *std::move(listen);
  inbounds.push_back(std::move(inbound));
}

void add_local_entries(const Lookup& lookup, const Found& locals, const Common& common,
                       std::vector<Inbound>& inbounds) {
  for (std::size_t i = 0; i < locals.value->items.size(); ++i) {
    const Section entry = Section::check(locals.value->items[i], Scope::local_entry, Programs::local,
                                         locals.path + '[' + std::to_string(i) + "].", lookup.problems());
    const Lookup own({&entry}, lookup.environment(), lookup.problems());
    Inbound inbound;
    inbound.users = read_socks_users(lookup, entry);
    inbound.udp_associate_address =
        own.find("udp_associate_address") ? read_associate_address(own) : common.udp_associate_address;
    const Found address = own.find("local_address");
    const Found port = own.find("local_port");
    const JsonValue* const disabled = entry.find("disabled");
    if (disabled && disabled->boolean) continue;
    read_kind(lookup, common.modes, entry, inbound);
    PortRule rule = read_port(own, "local_port", address);
    const bool has_own = address && parse_host_port(address.value->text).value_or(HostPort{}).port;
    if (rule.port == 0 && !has_own) own.missing(entry.path_of("local_port"), port, "write the port to listen on");
    add_inbound(own, address, rule, std::move(inbound), inbounds);
  }
}

std::vector<Inbound> read_inbounds(const Lookup& lookup, const LocalModes& modes) {
  std::vector<Inbound> inbounds;
  const Common common{modes, read_associate_address(lookup)};
  const Found locals = lookup.find("locals");
  const Found address = lookup.find("local_address");
  const Found port = lookup.find("local_port");
  // One that is written outside of `locals` is served besides; one that is not is the default of a file without them.
  const bool has_locals = locals && !locals.value->items.empty();
  const bool is_written = port || port.refused || (address && address.rank < locals.rank);
  if (!has_locals || is_written) {
    PortRule rule = read_port(lookup, "local_port", address);
    if (!port) rule.port = kSocksPort;
    Inbound inbound;
    read_kind(lookup, common.modes, *common.modes.top, inbound);
    inbound.udp_associate_address = common.udp_associate_address;
    if (!address.refused && !port.refused) add_inbound(lookup, address, rule, std::move(inbound), inbounds);
  }
  if (has_locals) {
    if (!is_written && address) {
      lookup.warn(address, {"has no effect",
                            "each entry of `locals` has its own; write `local_port` too to listen here besides"});
    }
    add_local_entries(lookup, locals, common, inbounds);
    if (inbounds.empty() && !lookup.problems().has_errors()) {
      lookup.error(locals, {"all entries are disabled", "enable one"});
    }
  }
  return inbounds;
}

/// What the inbounds serve, or the servers relay, together.
template <class Each>
Mode joined_modes(const std::vector<Each>& all) {
  unsigned joined = 0;
  for (const Each& each : all) joined |= static_cast<unsigned>(each.mode);
  // There are none only where something was refused.
  return joined == 0 ? Mode::tcp_and_udp : static_cast<Mode>(joined);
}

/// TCP Fast Open and what needs to know whether a connection has come about do not go together.
void check_fast_open(const Lookup& lookup, const LocalConfig& config) {
  if (!config.sockets.fast_open) return;
  if (config.servers.size() > 1) {
    lookup.warn(lookup.find("fast_open"), {"has no effect towards several servers: which of them works is found out "
                                           "by connecting",
                                           "it is used towards clients"});
  } else if (config.preconnect.value_or(0) > 0) {
    lookup.warn(lookup.find("preconnect"), {"has no effect with `fast_open`, by which connections begin with their "
                                            "first bytes",
                                            "keep one of them"});
  }
}

/// When clients are answered.
void read_answers(const Lookup& lookup, LocalConfig& config) {
  if (const Found found = lookup.find("socks5_reply"); found && found.value->text != "auto")
    config.socks5_reply = found.value->text == "confirmed" ? Socks5Reply::confirmed : Socks5Reply::optimistic;
  if (const std::optional<double> wait = lookup.number("reply_wait_ms"))
    config.reply_wait = std::chrono::milliseconds(static_cast<long>(*wait));
}

Policy read_policy(const Lookup& lookup) {
  const Found found = lookup.find("policy");
  if (!found || found.value->text == "latency") return Policy::latency;
  if (found.value->text == "failover") return Policy::failover;
  return found.value->text == "sticky" ? Policy::sticky : Policy::round_robin;
}

}  // namespace

Loaded<LocalConfig> load_local(const Sources& sources) {
  Gathered gathered(sources, Programs::local);
  if (!gathered.is_readable()) return {std::nullopt, gathered.problems().take()};
  const Lookup& lookup = gathered.lookup();
  LocalConfig config;
  config.servers = read_servers(gathered);
  static_cast<Settings&>(config) = read_settings(lookup, Programs::local, config.servers.front().address.port());
  if (const Found found = lookup.find("udp_timeout")) {
    lookup.warn(found,
                {"has no effect on ss-local: an association ends with its control connection, or at \"idle_timeout\"",
                 "remove it"});
  }
  config.udp_over_tcp = read_udp_over_tcp(lookup);
  read_answers(lookup, config);
  config.policy = read_policy(lookup);
  if (const std::optional<double> warm = lookup.number("preconnect")) config.preconnect = static_cast<unsigned>(*warm);
  config.inbounds = read_inbounds(lookup, {&gathered.flags(), &gathered.top(), joined_modes(config.servers)});
  config.mode = joined_modes(config.inbounds);
  check_fast_open(lookup, config);
  bool v6_only = false;
  lookup.take("ipv6_only", v6_only);
  std::vector<Listener*> listeners;
  for (Inbound& inbound : config.inbounds) listeners.push_back(&inbound.listener);
  settle_families(v6_only, listeners);

  const bool failed = gathered.problems().has_errors();
  return {failed ? std::nullopt : std::optional(std::move(config)), gathered.problems().take()};
}

}  // namespace ss::config
