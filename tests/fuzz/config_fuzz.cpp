// Input: the text of a configuration file. Both programs read it; each must answer with a configuration or with an
// error.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "ss/config/load.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <class Config>
void check(const ss::config::Loaded<Config>& loaded) {
  using ss::config::Severity;
  const bool failed = std::any_of(loaded.problems.begin(), loaded.problems.end(),
                                  [](const auto& problem) { return problem.severity == Severity::error; });
  require(loaded.config.has_value() != failed);
  for (const auto& problem : loaded.problems) {
    require(problem.text.starts_with("c:"));
    require(problem.position.line >= 1 && problem.position.column >= 1);
    // One printable line each, whatever the file holds.
    require(std::all_of(problem.text.begin(), problem.text.end(), [](char c) { return c >= 0x20 && c < 0x7F; }));
  }
  if (!loaded.config) return;
  require(loaded.config->sockets.bind_addresses.size() <= 2);
  require(loaded.config->timeouts.connect.count() > 0 && loaded.config->timeouts.handshake.count() > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of exactly this size, so that a read past its end is seen.
  const std::unique_ptr<char[]> text(new char[size]);
  if (size > 0) std::memcpy(text.get(), data, size);
  ss::config::Sources sources;
  sources.file = ss::config::File{"c", {text.get(), size}};

  const auto local = ss::config::load_local(sources);
  check(local);
  if (local.config) {
    require(!local.config->inbounds.empty() && !local.config->servers.empty());
    for (const auto& each : local.config->servers) {
      require(each.address.port() != 0 && each.credentials.method != nullptr && !each.name.empty());
      require(!ss::config::serves_tcp(each.mode) || each.tcp_weight > 0);
      require(!ss::config::serves_udp(each.mode) || each.udp_weight > 0);
    }
  }
  const auto server = ss::config::load_server(sources);
  check(server);
  if (server.config) {
    require(!server.config->listeners.empty() && server.config->credentials.method != nullptr);
    const auto& ports = server.config->bind_ports;
    require(!ports || (ports->first >= 1 && ports->first <= ports->last));
    for (const auto& listener : server.config->listeners) require(listener.address.port() != 0);
  }
  return 0;
}
