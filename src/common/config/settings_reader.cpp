#include "ss/config/settings_reader.hpp"

#include <algorithm>

#include "ss/config/udp_reader.hpp"
#include "ss/config/values.hpp"

namespace ss::config {
namespace {

std::string text_form(const JsonValue& value) {
  if (value.type != JsonValue::Type::number) return value.text;
  const auto whole = static_cast<long long>(value.number);
  return static_cast<double>(whole) == value.number ? std::to_string(whole) : std::string();
}

/// One mark for all, or an object from a server's port to its mark as in shadowsocks-libev.
void read_dscp(const Lookup& lookup, std::uint16_t port, SocketOptions& sockets) {
  const Found found = lookup.find("dscp");
  if (!found) return;
  constexpr std::string_view kForm = "write 0 to 63, \"EF\", \"CS0\" to \"CS7\", or \"AF11\" to \"AF43\"";
  const auto take = [&](const JsonValue& value, const std::string& path, bool used) {
    const std::optional<std::uint8_t> mark = parse_dscp(text_form(value));
    if (!mark) {
      lookup.problems().error(value.position, path, {"is not a DSCP mark", std::string(kForm)});
    } else if (used) {
      sockets.dscp = mark;
    }
  };
  if (found.value->type != JsonValue::Type::object) return take(*found.value, found.path, true);
  for (const JsonMember& member : found.value->members) {
    const std::optional<std::uint16_t> wanted = parse_port(member.key);
    const std::string path = found.path + '.' + member.key;
    if (!wanted) {
      lookup.problems().error(member.key_position, path, {"is not a port", "write `\"PORT\": \"MARK\"`"});
      continue;
    }
    if (*wanted != port && port != 0)
      lookup.problems().warn(member.key_position, path, {"has no effect", "the server's port is another"});
    take(member.value, path, *wanted == port);
  }
}

void read_buffers(const Lookup& lookup, SocketOptions& sockets) {
  const auto take = [&](std::string_view name, std::initializer_list<int*> into) {
    if (const std::optional<double> bytes = lookup.number(name)) {
      for (int* const size : into) *size = static_cast<int>(*bytes);
    }
  };
  take("send_buffer", {&sockets.inbound.send, &sockets.outbound.send});
  take("recv_buffer", {&sockets.inbound.receive, &sockets.outbound.receive});
  take("tcp_incoming_sndbuf", {&sockets.inbound.send});
  take("tcp_incoming_rcvbuf", {&sockets.inbound.receive});
  take("tcp_outgoing_sndbuf", {&sockets.outbound.send});
  take("tcp_outgoing_rcvbuf", {&sockets.outbound.receive});
}

void read_bind_addresses(const Lookup& lookup, SocketOptions& sockets) {
  for (const std::string_view name : {"bind_address", "local_ipv4_address", "local_ipv6_address"}) {
    const Found found = lookup.find(name);
    for (const JsonValue* const value : lookup.texts(found)) {
      if (value->text.empty()) continue;
      const std::optional<IpAddress> address = IpAddress::parse(value->text);
      if (!address) {
        lookup.problems().error(value->position, found.path,
                                {"is not an address", "write an address of this machine, such as 192.0.2.1"});
        continue;
      }
      const auto same_family = [&](const IpAddress& other) { return other.is_v4() == address->is_v4(); };
      if (std::any_of(sockets.bind_addresses.begin(), sockets.bind_addresses.end(), same_family)) {
        lookup.problems().error(value->position, found.path,
                                {std::string("is a second ") + (address->is_v4() ? "IPv4" : "IPv6") + " address",
                                 "write one of each family"});
        continue;
      }
      sockets.bind_addresses.push_back(*address);
    }
  }
}

SocketOptions read_sockets(const Lookup& lookup, std::uint16_t port) {
  SocketOptions sockets;
  lookup.take("fast_open", sockets.fast_open);
  lookup.take("reuse_port", sockets.reuse_port);
  lookup.take("no_delay", sockets.no_delay);
  lookup.take("mptcp", sockets.mptcp);
  if (const std::optional<double> seconds = lookup.number("keep_alive")) {
    sockets.keep_alive = std::chrono::seconds(static_cast<long>(*seconds));
  }
  if (const std::optional<double> mark = lookup.number("fwmark")) sockets.fwmark = static_cast<std::uint32_t>(*mark);
  read_dscp(lookup, port, sockets);
  read_buffers(lookup, sockets);
  read_bind_addresses(lookup, sockets);
  lookup.take("bind_interface", sockets.bind_interface);
  // IFNAMSIZ, the final NUL included.
  constexpr std::size_t kLongestInterface = 15;
  if (sockets.bind_interface.size() > kLongestInterface) {
    lookup.error(lookup.find("bind_interface"),
                 {"is longer than 15 characters", "write the name of an interface, such as eth0"});
  }
  return sockets;
}

Dns read_dns(const Lookup& lookup) {
  Dns dns;
  lookup.take("ipv6_first", dns.ipv6_first);
  lookup.take("dns_cache", dns.cache);
  if (const std::optional<double> entries = lookup.number("dns_cache_size"); entries && *entries == 0)
    dns.cache = false;
  if (const std::optional<double> most = lookup.number("dns_max_questions")) {
    dns.max_questions = static_cast<std::uint32_t>(*most);
  }

  const Found found = lookup.find("dns");
  if (!found) return dns;
  const JsonValue::Type type = found.value->type;
  if (type == JsonValue::Type::object) {
    lookup.error(found,
                 {"a resolver object is not supported yet", "write addresses such as \"9.9.9.9\", or \"system\""});
    return dns;
  }
  if (const std::optional<Complaint> complaint = misfit(*found.value, {Kind::texts})) {
    lookup.error(found, *complaint);
    return dns;
  }
  for (const JsonValue* const value : lookup.texts(found)) {
    const std::variant<std::vector<Endpoint>, Complaint> parsed = parse_nameservers(value->text);
    if (const Complaint* const complaint = std::get_if<Complaint>(&parsed)) {
      lookup.problems().error(value->position, found.path, *complaint);
    } else {
      const std::vector<Endpoint>& servers = std::get<std::vector<Endpoint>>(parsed);
      dns.nameservers.insert(dns.nameservers.end(), servers.begin(), servers.end());
    }
  }
  return dns;
}

Extension read_extension(const Lookup& lookup) {
  const Found found = lookup.find("extension");
  if (!found || found.value->text == "auto") return Extension::automatic;
  return found.value->text == "on" ? Extension::on : Extension::off;
}

Sandbox read_sandbox(const Lookup& lookup) {
  const Found found = lookup.find("sandbox");
  if (!found || found.value->text == "auto") return Sandbox::automatic;
  return found.value->text == "strict" ? Sandbox::strict : Sandbox::off;
}

}  // namespace

Settings read_settings(const Lookup& lookup, Programs program, std::uint16_t port) {
  Settings settings;
  if (const Found mode = lookup.find("mode")) {
    settings.mode = mode_of(*mode.value);
    settings.mode_written = true;
  }
  lookup.take("timeout", settings.timeouts.half_closed);
  lookup.take("idle_timeout", settings.timeouts.idle);
  lookup.take("connect_timeout", settings.timeouts.connect);
  lookup.take("handshake_timeout", settings.timeouts.handshake);
  if (program == Programs::local) {
    if (const std::optional<double> wait = lookup.number("first_flight_ms")) {
      settings.timeouts.first_flight = std::chrono::milliseconds(static_cast<long>(*wait));
    }
  }
  settings.sockets = read_sockets(lookup, port);
  settings.dns = read_dns(lookup);
  if (const std::optional<double> most = lookup.number("udp_max_associations")) {
    settings.udp_max_associations = static_cast<std::uint32_t>(*most);
  }
  if (const std::optional<double> bytes = lookup.number("max_buffered")) {
    settings.max_buffered = static_cast<std::uint64_t>(*bytes);
  }
  settings.extension = read_extension(lookup);
  // The word `auto` has no number.
  settings.workers = static_cast<unsigned>(lookup.number("workers").value_or(0));
  if (const std::optional<double> files = lookup.number("nofile")) settings.nofile = static_cast<std::uint64_t>(*files);
  lookup.take("pid_file", settings.pid_file);
  settings.sandbox = read_sandbox(lookup);
  lookup.take("user", settings.user);
  return settings;
}

std::optional<TargetAddress> read_address(const JsonValue& value, const std::string& path, const PortRule& rule,
                                          ProblemList& problems) {
  const std::optional<HostPort> written = parse_host_port(value.text);
  std::optional<TargetAddress> address;
  if (written)
    address = TargetAddress::make(written->host, rule.overrules ? rule.port : written->port.value_or(rule.port));
  if (!address) {
    problems.error(
        value.position, path,
        {"is not an address or host name", "write such as 192.0.2.1, example.com, 2001:db8::1 or [2001:db8::1]:8388"});
  }
  return address;
}

void settle_families(bool v6_only, const std::vector<Listener*>& listeners) {
  for (Listener* const listener : listeners) {
    if (!is_unspecified(listener->address) || !listener->address.ip().is_v6()) continue;
    listener->v6_only = v6_only || std::any_of(listeners.begin(), listeners.end(), [&](const Listener* other) {
                          return is_unspecified(other->address) && other->address.ip().is_v4() &&
                                 other->address.port() == listener->address.port();
                        });
  }
}

PortRule read_port(const Lookup& lookup, std::string_view name, const Found& address) {
  const std::optional<double> port = lookup.number(name);
  if (!port) return {};
  return {static_cast<std::uint16_t>(*port), lookup.find(name).rank < address.rank};
}

}  // namespace ss::config
