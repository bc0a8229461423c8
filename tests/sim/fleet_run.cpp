#include "sim/fleet_run.hpp"

#include <algorithm>
#include <list>
#include <vector>

#include "local_worker.hpp"
#include "server_session.hpp"
#include "servers/balancer.hpp"
#include "servers/server_link.hpp"
#include "servers/warm_pool.hpp"
#include "sim/network.hpp"
#include "sim/node.hpp"
#include "sim/pair_parts.hpp"
#include "ss/net/sleep.hpp"

namespace ss::sim {

using namespace std::chrono_literals;

namespace {

constexpr Duration kLongEnough = 2h;
constexpr Duration kBetweenClients = 700ms;
constexpr Duration kOutageFrom = kBetweenClients / 2;
constexpr Duration kOutageTo = kOutageFrom + 3 * kBetweenClients;
/// A connection on which nothing has come for so long is a warm one.
constexpr Duration kWaits = 30ms;
constexpr std::size_t kPayload = 90;
constexpr std::size_t kAnswer = 120;
constexpr std::size_t kReplies = 12;  // greeting and request

Endpoint server_at(std::size_t number) {
  return {IpAddress(IpAddress::V4{198, 51, 100, static_cast<std::uint8_t>(1 + number)}), 8388};
}

/// What client `number` says, or hears: no two begin alike.
ByteVector text_of(std::size_t number, std::size_t size) {
  ByteVector text(size, static_cast<std::uint8_t>('a' + number));
  for (std::size_t i = 1; i < size; ++i) text[i] = static_cast<std::uint8_t>('A' + i % 26);
  return text;
}

/// One server: a process of its own, with its own memory of salts.
struct ServerSide {
  ServerSide(World& world, Network& network, const cipher::Method& method, const Endpoint& at)
      : keys(*protocol::ServerCredentials::from_password(method, secret_for(method))),
        salts(filter_for(method, world)),
        rules{keys, *salts, policy, relay::RejectRule::make(relay::RejectPolicy::silent, method), {}, false},
        node(world, network, at.address, false) {}

  void accept(std::unique_ptr<net::Stream> stream) {
    node.spawner().spawn(server::serve(node.env(), rules, std::move(stream)));
  }

  const protocol::ServerCredentials keys;
  const std::unique_ptr<protocol::SaltFilter> salts;
  const relay::TargetPolicy policy{{}, {}, {}};
  const server::SessionRules rules;
  Node node;
};

/// One server, as ss-local sees it.
struct LocalSide {
  LocalSide(const cipher::Method& method, std::size_t number, const FleetScenario& scenario)
      : server("server " + std::to_string(number), {server_at(number).address, server_at(number).port},
               *protocol::ClientCredentials::from_password(method, secret_for(method))),
        rules{server, {}, false, 10s, 20ms, {}} {
    server.set_kind(local::Kind::ours);
    if (scenario.optimistic) rules.reply = config::Socks5Reply::optimistic;
    warm.name = server.name();
    warm.server = server.address();
    warm.worth_it = 1us;  // simulated connections come about within a millisecond
    if (!scenario.warm) warm.size = 0;
  }

  local::Server server;
  local::SessionRules rules;
  local::WarmRules warm;
};

/// Asks for the target, pipelined with what `actor` says or some time before.
net::Task<> live_client(Actor& actor, bool speaks_late, std::unique_ptr<net::Stream> stream, net::Timers& timers) {
  const ByteVector hello{5, 1, 0, 5, 1, 0, 1, 93, 184, 216, 34, 0, 80};
  if (speaks_late) {
    stream->try_write(ConstBytes(hello));
    co_await net::sleep(timers, 300ms);
  } else {
    actor.to_say.insert(actor.to_say.begin(), hello.begin(), hello.end());
  }
  co_await live(actor, *stream, timers);
}

ByteVector answer_to(const ByteVector& heard) {
  return heard.empty() ? ByteVector() : text_of(static_cast<std::size_t>(heard[0] - 'a'), kAnswer);
}

/// One connection to the target, which answers the client that it hears.
net::Task<> live_target(Actor& actor, std::unique_ptr<net::Stream> stream, net::Timers& timers) {
  actor.listens_first = true;
  actor.answer = answer_to;
  co_await live(actor, *stream, timers);
}

bool is_prefix(ConstBytes part, ConstBytes whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

using Links = std::vector<std::shared_ptr<Link>>;

/// The connections to the first server: those on which nothing was said yet, or all.
Links connections(const Network& network, bool unused) {
  Links found;
  for (auto [at, end] = network.links.equal_range(server_at(0)); at != end; ++at) {
    if (!unused || at->second->lanes[0].history.empty()) found.push_back(at->second);
  }
  return found;
}

/// Has the server reset its ends of `links`: those on which nothing was said yet, or all.
void reset(const Links& links, bool unused) {
  for (const std::shared_ptr<Link>& link : links) {
    if (link->ends[1] != nullptr && (!unused || link->lanes[0].history.empty())) link->ends[1]->reset();
  }
}

struct Client {
  Actor actor;
  bool told = false;
};

void take_reply(Client& client) {
  ByteVector& heard = client.actor.heard;
  client.told = heard.size() >= kReplies && heard[3] == 0;
  heard.erase(heard.begin(), heard.begin() + static_cast<std::ptrdiff_t>(std::min(heard.size(), kReplies)));
}

/// @param targets  the connections to the target, in the order in which they came.
std::string judge_client(std::size_t number, const Client& client, const std::list<Actor>& targets, bool must_work,
                         FaultPlan plan) {
  const ByteVector says = text_of(number, kPayload);
  const ByteVector hears = text_of(number, kAnswer);
  std::size_t reached = 0;
  std::size_t arrived = 0;
  for (const Actor& target : targets) {
    if (target.heard.empty() || target.heard[0] != says[0]) continue;
    ++reached;
    arrived = target.heard.size();
    if (!is_prefix(target.heard, says)) return "what arrived is not what was sent";
  }
  if (reached > 1) return "the payload reached the target twice";
  if (client.told && !is_prefix(client.actor.heard, hears)) return "what the client heard is not what was said";
  const bool whole = arrived == kPayload && client.actor.heard.size() == kAnswer;
  const bool clean = client.told && client.actor.heard_end && !client.actor.failed;
  if (clean && !whole && plan.fault != Fault::ended) return "a clean end, and something is missing";
  if (must_work && (!clean || !whole)) return "a client was let down";
  return {};
}

}  // namespace

Report run_fleet(const FleetScenario& scenario, std::uint64_t seed, Split split, FaultPlan plan) {
  using Outage = FleetScenario::Outage;
  World world(seed, split, plan);
  Network network(world);
  if (scenario.acks_late) network.acks_late = 1s;
  const cipher::Method& method = *cipher::find_method(scenario.method);
  std::list<Client> clients;
  std::list<Actor> targets;
  Report report;
  {
    net::Spawner actors;
    Node outside(world, network, IpAddress{}, false);
    Node local_node(world, network, kLocalOutside, true);
    net::Timers& timers = outside.env().timers;
    const std::unique_ptr<protocol::SaltFilter> packet_salts = filter_for(method, world);
    const auto packet_credentials = protocol::ClientCredentials::from_password(method, secret_for(method));
    protocol::ClientPacketKeys packet_keys(*packet_credentials, local_node.env().keys, world, *packet_salts);

    std::list<ServerSide> servers;
    std::list<LocalSide> known;
    std::list<local::WarmPool> pools;
    std::vector<local::Balancer::Candidate> candidates;
    for (std::size_t n = 0; n < scenario.servers; ++n) candidates.push_back({"server " + std::to_string(n)});
    local::Balancer balancer(config::Policy::failover, candidates, "connections", local::Balancer::Trials::by_probe);
    const local::NegotiationRules negotiation;
    local::LocalWorker worker{negotiation, {}};
    if (scenario.servers > 1) worker.tcp = &balancer;
    for (std::size_t n = 0; n < scenario.servers; ++n) {
      ServerSide& server = servers.emplace_back(world, network, method, server_at(n));
      LocalSide& lane = known.emplace_back(method, n, scenario);
      lane.server.report_to(worker.tcp, nullptr, n);
      const auto dialled = [&worker, &timers, n](const net::DialResult& result, Duration took) {
        local::report_dial(worker.tcp, nullptr, n, result, took, timers.now());
      };
      local::WarmPool& pool = pools.emplace_back(local_node.env(), lane.warm, dialled);
      worker.lanes.push_back({lane.rules, packet_keys, nullptr, &pool});
      network.listeners[server_at(n)] = [&server](std::unique_ptr<net::Stream> stream) {
        server.accept(std::move(stream));
      };
    }
    network.listeners[kTarget] = [&](std::unique_ptr<net::Stream> stream) {
      actors.spawn(live_target(targets.emplace_back(), std::move(stream), timers));
    };
    network.listeners[kLocal] = [&](std::unique_ptr<net::Stream> stream) {
      local_node.spawner().spawn(local::serve(local_node.env(), worker, std::move(stream)));
    };

    for (std::size_t n = 0; n < scenario.clients; ++n) {
      clients.emplace_back().actor.to_say = text_of(n, kPayload);
      world.after(kBetweenClients * (n / 2), [&, actor = &clients.back().actor] {
        auto link = std::make_shared<Link>(world, network.alive);
        network.listeners[kLocal](std::make_unique<SimStream>(link, 1, kLocal, Endpoint{}, true));
        actors.spawn(live_client(*actor, scenario.speaks_late,
                                 std::make_unique<SimStream>(link, 0, Endpoint{}, kLocal, false), timers));
      });
    }
    if (scenario.server_closes) {
      // Between clients, and in the middle of what they do.
      for (std::size_t i = 1; i < 40; ++i) {
        world.after(i * 97ms, [&] {
          // What was dialled for a client is used by then.
          world.after(kWaits, [links = connections(network, true)] { reset(links, true); });
        });
      }
    }
    if (scenario.outage != Outage::none) {
      const auto accept = network.listeners[server_at(0)];
      world.after(kOutageFrom, [&] {
        if (scenario.outage == Outage::vanishes) {
          network.connect_takes[server_at(0)] = Network::kForEver;
          return;
        }
        network.listeners.erase(server_at(0));
        if (scenario.outage == Outage::dies) reset(connections(network, false), false);
      });
      world.after(kOutageTo, [&network, accept] {
        network.connect_takes.erase(server_at(0));
        network.listeners[server_at(0)] = accept;
      });
    }

    world.run(kLongEnough);
    report.steps = world.steps();
    report.trace = world.trace();
    report.struck = world.struck();
    if (!local_node.clean()) report.violation = "something of ss-local's sessions is left";
    for (const ServerSide& server : servers) {
      if (!server.node.clean()) report.violation = "something of ss-server's sessions is left";
    }
    if (actors.live() > 0) report.violation = "a client or target never saw the end of its connection";
  }
  if (!report.violation.empty()) return report;
  if (network.alive != 0) report.violation = "a stream is left";
  std::size_t number = 0;
  for (Client& client : clients) {
    take_reply(client);
    // Who dies takes those along that it serves.
    const bool must_work = plan.fault == Fault::none && (scenario.outage != Outage::dies || number > 1);
    const std::string broken = judge_client(number, client, targets, must_work, plan);
    if (!broken.empty()) report.violation = "client " + std::to_string(number) + ": " + broken;
    ++number;
  }
  return report;
}

}  // namespace ss::sim
