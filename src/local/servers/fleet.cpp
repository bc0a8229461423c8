#include "servers/fleet.hpp"

#include <algorithm>

#include "servers/server_link.hpp"
#include "ss/net/host_addresses.hpp"
#include "ss/ops/engine.hpp"

namespace ss::local {

namespace {

using Trials = Balancer::Trials;

std::unique_ptr<Balancer> make_balancer(const config::LocalConfig& config, bool udp) {
  const auto carries = [udp](const config::Server& server) {
    return udp ? config::serves_udp(server.mode) : config::serves_tcp(server.mode);
  };
  const bool any = std::any_of(config.servers.begin(), config.servers.end(), carries);
  if (config.servers.size() == 1 || !any) return nullptr;
  std::vector<Balancer::Candidate> candidates;
  candidates.reserve(config.servers.size());
  for (const config::Server& server : config.servers) {
    const double weight = udp ? server.udp_weight : server.tcp_weight;
    candidates.push_back({server.name, carries(server) ? weight : 0});
  }
  // A probe is a TCP connection, which tells nothing of UDP.
  return std::make_unique<Balancer>(config.policy, std::move(candidates), udp ? "UDP associations" : "connections",
                                    udp ? Trials::by_traffic : Trials::by_probe);
}

}  // namespace

Fleet::Fleet(const config::LocalConfig& config)
    : tcp(make_balancer(config, false)),
      udp(make_balancer(config, true)),
      fast_open_dials(config.sockets.fast_open && config.servers.size() == 1) {
  warm.reserve(config.servers.size());
  for (const config::Server& server : config.servers) {
    WarmRules& rules = warm.emplace_back();
    rules.name = server.name;
    rules.server = server.address;
    rules.dial = ops::dial_options(config);
    rules.ipv6_first = config.dns.ipv6_first;
    // A connection that begins with its first write cannot wait for it.
    rules.size = fast_open_dials ? std::optional(0U) : config.preconnect;
    rules.source = net::source_towards;
  }
}

WarmPools::WarmPools(relay::Environment& env, const Fleet& fleet) {
  pools_.reserve(fleet.warm.size());
  for (std::size_t i = 0; i < fleet.warm.size(); ++i) {
    WarmPool::Dialled dialled = [&env, &fleet, i](const net::DialResult& result, Duration took) {
      report_dial(fleet.tcp.get(), fleet.udp.get(), i, result, took, env.timers.now());
    };
    pools_.push_back(std::make_unique<WarmPool>(env, fleet.warm[i], std::move(dialled)));
  }
}

}  // namespace ss::local
