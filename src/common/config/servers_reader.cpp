#include "ss/config/servers_reader.hpp"

#include <algorithm>
#include <utility>

#include "ss/config/settings_reader.hpp"
#include "ss/config/udp_reader.hpp"
#include "ss/config/values.hpp"

namespace ss::config {
namespace {

/// The addresses of one source; each shares its credentials with the others. At least one, empty where it was refused.
std::vector<TargetAddress> read_addresses(const Lookup& lookup) {
  const Found server = lookup.find("server");
  const Found port = lookup.find("server_port");
  lookup.missing("server", server, "write the address of the server, or give a link");
  const std::vector<const JsonValue*> written = lookup.texts(server);
  if (server && written.empty()) lookup.error(server, {"is empty", "write one address"});
  bool port_is_needed = written.empty();
  std::vector<TargetAddress> addresses;
  for (const JsonValue* const value : written) {
    const std::optional<TargetAddress> address =
        read_address(*value, server.path, read_port(lookup, "server_port", server), lookup.problems());
    if (address && is_unspecified(*address)) {
      lookup.problems().warn(
          value->position, server.path,
          {"is an address to listen on: this machine itself will be asked", "write the address of the server"});
    }
    port_is_needed = port_is_needed || !address || address->port() == 0;
    if (address) addresses.push_back(*address);
  }
  if (port_is_needed) lookup.missing("server_port", port, "write the server's port, such as 8388");
  if (addresses.empty()) addresses.emplace_back();
  return addresses;
}

std::string read_name(const Section* entry, const TargetAddress& address) {
  for (const std::string_view key : {"name", "remarks"}) {
    const JsonValue* const name = entry ? entry->find(key) : nullptr;
    if (name && !name->text.empty()) return printable(name->text);
  }
  return address.to_string();
}

/// What the server may carry, and its shares of it.
void read_shares(const ServerSource& source, Server& server) {
  if (!source.entry) return;
  if (const JsonValue* const mode = source.entry->find("mode")) server.mode = mode_of(*mode);
  server.tcp_weight = server.udp_weight = source.lookup.number("weight").value_or(1);
  server.tcp_weight = source.lookup.number("tcp_weight").value_or(server.tcp_weight);
  server.udp_weight = source.lookup.number("udp_weight").value_or(server.udp_weight);
  const unsigned weighed = (server.tcp_weight > 0 ? static_cast<unsigned>(Mode::tcp_only) : 0U) |
                           (server.udp_weight > 0 ? static_cast<unsigned>(Mode::udp_only) : 0U);
  const unsigned carried = static_cast<unsigned>(server.mode) & weighed;
  if (carried == 0) {
    source.lookup.problems().error(source.entry->position(), source.entry->path_of("weight"),
                                   {"the server would carry nothing", "write \"disabled\": true if that is meant"});
    return;
  }
  server.mode = static_cast<Mode>(carried);
}

/// Reports what an element may say only where it is the single one.
void check_alone(const ServerSource& source) {
  const auto find = [&](std::string_view key) {
    return std::pair(source.entry->find(key), source.entry->path_of(key));
  };
  if (const auto [value, path] = find("timeout"); value) {
    source.lookup.problems().warn(value->position, path,
                                  {"has no effect on one of several servers", "write it outside of `servers`"});
  }
  for (const std::string_view key : {"fwmark", "bind_address", "bind_interface"}) {
    const auto [value, path] = find(key);
    if (!value) continue;
    source.lookup.problems().error(
        value->position, path, {"is not supported yet for one of several servers", "write it outside of `servers`"});
  }
  if (!source.entry->find("server") && !source.entry->is_refused("server")) {
    source.lookup.problems().error(source.entry->position(), source.entry->path_of("server"),
                                   {"is missing", "write the address of the server, or give a link"});
  }
}

}  // namespace

std::vector<Server> read_servers(Gathered& gathered) {
  std::vector<Server> servers;
  for (const ServerSource& source : gathered.servers()) {
    if (source.entry && gathered.servers().size() > 1) check_alone(source);
    const std::vector<TargetAddress> addresses = read_addresses(source.lookup);
    CredentialRules rules{Programs::local};
    rules.only_loopback = std::all_of(addresses.begin(), addresses.end(), is_loopback);
    const Credentials credentials = read_credentials(source.lookup, rules);
    for (const TargetAddress& address : addresses) {
      Server& server = servers.emplace_back();
      server.name = read_name(source.entry, address);
      server.address = address;
      server.credentials = {credentials.method, credentials.password.clone(), credentials.key.clone()};
      read_shares(source, server);
    }
  }
  return servers;
}

}  // namespace ss::config
