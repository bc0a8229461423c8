#include <memory>
#include <utility>
#include <vector>

#include "local_worker.hpp"
#include "packet_inbound.hpp"
#include "server_session.hpp"
#include "sim/node.hpp"
#include "sim/pair_parts.hpp"
#include "sim/udp_judge.hpp"
#include "sim/udp_scenario.hpp"
#include "udp/carrier_choice.hpp"

namespace ss::sim {

using namespace std::chrono_literals;

namespace {

/// Longer than everything that applications do, and than whatever idle time follows.
constexpr Duration kWholeRun = 5min;
constexpr Duration kLongEnough = 30min;
/// How long ss-local may go on with an association whose control connection has ended: a completion may be late.
constexpr Duration kFarewell = 5s;

const IpAddress kElsewhere(IpAddress::V4{203, 0, 113, 78});  ///< where ss-local roams to
const Endpoint kFirst{kLocal.address, 5'000};
const Endpoint kSecond{kLocal.address, 5'001};
/// Beside the second application, which has named its port; and on another machine.
const Endpoint kNeighbour{kLocal.address, 5'002};
const Endpoint kStranger{IpAddress(IpAddress::V4{192, 0, 2, 66}), 5'000};
const Endpoint kRecorder{IpAddress(IpAddress::V4{192, 0, 2, 67}), 6'000};
constexpr std::string_view kServerName = "server.example";

/// ss-local, and what it is configured with.
class LocalProgram {
 public:
  LocalProgram(World& world, Network& network, const UdpScenario& scenario, const cipher::Method& method)
      : node(world, network, kLocalOutside, true),
        server_("server",
                scenario.by_name ? *TargetAddress::make(kServerName, kServer.port)
                                 : TargetAddress(kServer.address, kServer.port),
                *protocol::ClientCredentials::from_password(method, secret_for(method))),
        salts_(filter_for(method, world)),
        keys_(server_.credentials(), node.env().keys, world, *salts_),
        rules_{server_, {}, false, 10s, 20ms, {}, scenario.over_tcp} {
    node.datagrams().add_address(kLocal.address);
    const bool automatic = scenario.over_tcp == config::UdpOverTcp::automatic;
    if (automatic) choice_.emplace(node.env(), rules_, keys_);
    worker_.lanes.push_back({rules_, keys_, automatic ? &*choice_ : nullptr});
  }
  void serve(std::unique_ptr<net::Stream> control) {
    node.spawner().spawn(local::serve(node.env(), worker_, std::move(control)));
  }

  /// Whether TCP was found to be the better carrier.
  [[nodiscard]] bool over_tcp() const { return choice_ && choice_->over_tcp(); }

  Node node;

 private:
  local::Server server_;
  std::unique_ptr<protocol::SaltFilter> salts_;
  protocol::ClientPacketKeys keys_;
  local::SessionRules rules_;
  const local::NegotiationRules negotiation_;
  std::optional<local::CarrierChoice> choice_;
  local::LocalWorker worker_{negotiation_, {}};
};

/// ss-server, with all its workers.
class ServerProgram {
 public:
  ServerProgram(World& world, Network& network, const UdpScenario& scenario, const cipher::Method& method)
      : credentials_(*protocol::ServerCredentials::from_password(method, secret_for(method))),
        salts_(filter_for(method, world)),
        packet_salts_(filter_for(method, world)),
        policy_({}, {}, {kServer.address}),
        counts_(credentials_.users().size()),
        packet_rules_{credentials_, *packet_salts_, packet_stamps_, policy_, directory_, counts_, limits(method), {}},
        // As the programs do by default: a stream that does not open is reset, so that its client dials anew.
        session_rules_{credentials_,
                       *salts_,
                       policy_,
                       relay::RejectRule::make(
                           method.is_2022() ? relay::RejectPolicy::reset : relay::RejectPolicy::silent, method),
                       net::DialOptions{},
                       false,
                       300s,
                       &counts_,
                       limits(method)} {
    for (unsigned i = 0; i < scenario.workers; ++i) {
      Node& node = *nodes.emplace_back(std::make_unique<Node>(world, network, kServer.address, false));
      int error = 0;
      auto listener = node.datagrams().open_listener(kServer, error);
      if (!listener) listener = node.datagrams().open_listener(kServer, error);  // a step that was struck
      server::PostToWorker post = [&world](std::function<void()> fn) {
        world.after(world.some_delay(), std::move(fn));
      };
      node.spawner().spawn(serve_packets(node.env(), packet_rules_, std::move(post), std::move(listener)));
    }
    network.listeners[kServer] = [this](std::unique_ptr<net::Stream> stream) {
      Node& node = *nodes.front();
      node.spawner().spawn(server::serve(node.env(), session_rules_, std::move(stream)));
    };
  }
  ServerProgram(const ServerProgram&) = delete;
  ServerProgram& operator=(const ServerProgram&) = delete;

  [[nodiscard]] std::size_t sockets() const {
    std::size_t all = 0;
    for (const auto& node : nodes) all += node->datagrams().open_sockets();
    return all;
  }
  /// Whether no client is known, and no socket open but the listeners.
  [[nodiscard]] bool is_idle() const {
    bool idle = sockets() == nodes.size() && counts_.total == 0 && counts_.of_user.front() == 0;
    for (const auto& node : nodes) {
      relay::Environment& env = node->env();
      if (node->spawner().live() != 1 || env.held_total.read() != 0 || env.counters.associations.read() != 0) {
        idle = false;
      }
    }
    return idle;
  }
  void stop() {
    for (const auto& node : nodes) node->env().sessions.stop_all();
  }

  std::vector<std::unique_ptr<Node>> nodes;

 private:
  static server::AssociationLimits limits(const cipher::Method& method) {
    server::AssociationLimits limits;
    limits.idle = limits.idle_dns = method.is_2022() ? 62s : 30s;
    limits.window = method.is_2022() ? 62s : 0s;
    return limits;
  }

  protocol::ServerCredentials credentials_;
  std::unique_ptr<protocol::SaltFilter> salts_;
  std::unique_ptr<protocol::SaltFilter> packet_salts_;
  protocol::PacketStamps packet_stamps_;
  relay::TargetPolicy policy_;
  server::SessionDirectory directory_;
  server::AssociationCounts counts_;
  server::PacketRules packet_rules_;
  server::SessionRules session_rules_;
};

/// Two applications, those who disturb them, and the judge of it all.
struct Outside {
  Outside(Network& of, const UdpScenario& scenario)
      : network(of),
        asks(scenario.over_tcp == config::UdpOverTcp::automatic),
        first(network, scenario, kFirst, {.letter = 'A', .datagrams = scenario.datagrams, .leaves = scenario.leaves}),
        second(network, scenario, kSecond, {.letter = 'B', .names_port = true, .datagrams = 1}),
        judge(network, {&first, &second}, {kNeighbour, kStranger}) {
    if (scenario.recorded) record();
  }

  /// Has everything that passes between the programs come once more: what ss-local sends from elsewhere, and what
  /// ss-server sends as if from there.
  void record() {
    network.datagrams.tap = [this, judged = std::move(network.datagrams.tap)](const Endpoint& from, const Endpoint& to,
                                                                              ConstBytes bytes) {
      judged(from, to, bytes);
      if (replaying_ || to == kRecorder || !network.datagrams.is_sealed(from, to)) return;
      network.world.after(3ms, [this, from, to, copy = ByteVector(bytes.begin(), bytes.end())] {
        replaying_ = true;
        network.datagrams.post(from == kServer ? from : kRecorder, to, copy);
        replaying_ = false;
      });
    };
  }
  /// Those who have no association send to the applications' ones.
  void intrude() {
    const ByteVector header{0, 0, 0, 1, 93, 184, 216, 34, 0, 80};
    ByteVector datagram = header;
    for (const char letter : kSentinel) datagram.push_back(static_cast<std::uint8_t>(letter));
    if (first.bound()) network.datagrams.post(kStranger, *first.bound(), datagram);
    if (second.bound()) network.datagrams.post(kNeighbour, *second.bound(), datagram);
  }
  /// Whether the association of `application` must be gone.
  [[nodiscard]] bool must_be_gone(const UdpApplication& application) const {
    return application.is_over() && network.world.now() - application.over_since() > kFarewell;
  }
  /// Sockets that ss-local may have.
  [[nodiscard]] std::size_t most_sockets() const {
    const std::size_t associations = (must_be_gone(first) ? 0U : 1U) + (must_be_gone(second) ? 0U : 1U);
    return 2 * associations + (asks && associations > 0 ? 1 : 0);
  }

  Network& network;
  const bool asks;  ///< ss-local does, whether packets get through
  UdpApplication first;
  UdpApplication second;
  UdpPeer recorder{network, kRecorder};
  UdpJudge judge;

 private:
  bool replaying_ = false;
};

void judge_memory(Outside& outside, LocalProgram& local, const ServerProgram& server) {
  if (local.node.datagrams().open_sockets() > outside.most_sockets()) {
    outside.judge.fail("ss-local has sockets that belong to no association");
  }
  // Beside the associations of the two, those of the addresses that they roamed from and were replayed from.
  if (server.sockets() > server.nodes.size() + 6) outside.judge.fail("ss-server has sockets that nobody asked for");
  if (server.nodes.front()->env().held_total.read() > 2 * relay::kMaxHeld) outside.judge.fail("too much is held");
}

/// What must have come of it where that is known.
void judge_outcome(Outside& outside, const UdpScenario& scenario, FaultPlan plan) {
  UdpJudge& judge = outside.judge;
  for (const UdpApplication* const each : {&outside.first, &outside.second}) {
    if (each->stood()) {
      judge.expect_answered_probes(*each);
    } else if (plan.fault == Fault::none && !(each == &outside.first && scenario.leaves)) {
      judge.fail("an association has ended though nothing struck it");
    }
  }
  const bool left = plan.fault == Fault::departed || plan.fault == Fault::vanished;
  if ((plan.fault != Fault::none && !left) || scenario.between.lost + scenario.between.cut > 0) return;
  if (!outside.second.bound()) judge.fail("without a fault an application was not told 00");
  judge.expect_all_of(outside.second);
  if (left) return;
  if (!outside.first.bound()) judge.fail("without a fault an application was not told 00");
  if (!scenario.leaves) judge.expect_all_of(outside.first);
  if (!outside.recorder.heard.empty()) judge.fail("somebody who replays packets gets an answer");
}

void set_paths(Network& network, const Path& between, const SocketFaults& sockets) {
  network.datagrams.set_path({.from = std::nullopt, .to = kServer}, between);
  network.datagrams.set_path({.from = kServer, .to = std::nullopt}, between);
  network.datagrams.sockets = sockets;
}

}  // namespace

Report run_udp(const UdpScenario& scenario, std::uint64_t seed, Split split, FaultPlan plan) {
  World world(seed, split, plan);
  Network network(world);
  network.names[std::string(kTargetName)] = {kTarget.address};
  network.names[std::string(kServerName)] = {kServer.address};
  network.datagrams.sealed.insert(kServer);
  set_paths(network, scenario.between, scenario.sockets);
  world.after(scenario.healed, [&] { set_paths(network, {}, {}); });
  const cipher::Method& method = *cipher::find_method(scenario.method);
  Outside outside(network, scenario);
  UdpJudge& judge = outside.judge;
  Report report;
  {
    net::Spawner actors;
    LocalProgram local(world, network, scenario, method);
    ServerProgram server(world, network, scenario, method);
    world.when_struck = [&](Fault fault) {
      world.after(0ns, [&, fault] {
        if (fault == Fault::roamed) local.node.datagrams().roam(kLocalOutside, kElsewhere);
        if (fault == Fault::departed) outside.first.depart(Departure::shuts);
        if (fault == Fault::vanished) outside.first.depart(Departure::resets);
      });
    };
    world.after_event = [&] { judge_memory(outside, local, server); };
    for (UdpApplication* const each : {&outside.first, &outside.second}) {
      const auto link = std::make_shared<Link>(world, network.alive);
      const Endpoint from{each->peer.endpoint().address, static_cast<std::uint16_t>(each->peer.endpoint().port + 1000)};
      local.serve(std::make_unique<SimStream>(link, 1, kLocal, from, true));
      actors.spawn(each->live(std::make_unique<SimStream>(link, 0, from, kLocal, false)));
    }
    for (const Duration when : {3ms, 6ms, 4'000ms}) world.after(when, [&] { outside.intrude(); });

    world.run(kWholeRun);
    if (actors.live() > 0) judge.fail("an application never saw the end of its control connection");
    if (!local.node.clean() || local.node.datagrams().open_sockets() > 0 ||
        local.node.env().counters.associations.read() != 0) {
      judge.fail("something is left of ss-local's associations");
    }
    if (!server.is_idle()) judge.fail("something is left of ss-server's associations");
    if (local.over_tcp() && (outside.first.stood() || outside.second.stood())) {
      judge.fail("TCP still carries though packets get through");
    }
    judge_outcome(outside, scenario, plan);

    server.stop();
    if (!world.run(kLongEnough)) judge.fail("something goes on for ever");
    for (const auto& node : server.nodes) {
      if (!node->clean()) judge.fail("something is left of ss-server");
    }
    report.steps = world.steps();
    report.trace = world.trace();
    report.struck = world.struck();
    // They refer to what goes now.
    world.when_struck = nullptr;
    world.after_event = nullptr;
    if (network.datagrams.tally.open > 0) judge.fail("a socket is left");
  }
  if (network.alive != 0) judge.fail("a stream is left");
  for (auto [at, end] = network.links.equal_range(kServer); at != end; ++at) {
    for (const Link::Lane& lane : at->second->lanes) {
      if (contains(lane.history, bytes_of(kSentinel))) judge.fail("payload is readable between the programs");
    }
  }
  report.violation = judge.violation();
  return report;
}

}  // namespace ss::sim
