#include "sim/pair_run.hpp"

#include <algorithm>

#include "local_worker.hpp"
#include "server_session.hpp"
#include "sim/network.hpp"
#include "sim/node.hpp"
#include "sim/pair_parts.hpp"
#include "ss/net/sleep.hpp"

namespace ss::sim {

using namespace std::chrono_literals;

namespace {

/// Longer than every deadline and idle time of the pair together.
constexpr Duration kLongEnough = 30min;
/// The longest that a client waits for an answer: for the true frame behind one that says "still dialling", or for the
/// peer of BIND.
constexpr Duration kLongestAnswer = 75s;
/// What a dial takes longer for ends it.
constexpr Duration kDialLimit = 10s;
/// How long an answer takes over the simulated wires, byte by byte.
constexpr Duration kOnTheWay = 1s;

constexpr std::size_t kGreetingAnswer = 2;
constexpr std::size_t kReply = 10;

const Endpoint kBoundAt{kServer.address, 40'000};
const Endpoint kStranger{IpAddress(IpAddress::V4{93, 184, 216, 35}), 20};

/// Text that would be found on the wire if payload leaked there.
ByteVector sentinel_text(std::size_t size, std::string_view word) {
  ByteVector text(size);
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<std::uint8_t>(static_cast<std::size_t>(word[i % word.size()]) + (i / word.size()) % 7);
  return text;
}

bool is_prefix(ConstBytes part, ConstBytes whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

/// The application: speaks SOCKS5, then lives its connection.
net::Task<> apply(Actor& actor, const Scenario& scenario, std::unique_ptr<net::Stream> stream, net::Timers& timers) {
  const std::uint8_t command = scenario.bind == Scenario::Bind::none ? 1 : 2;
  ByteVector hello{5, 1, 0, 5, command, 0};
  if (scenario.by_name) {
    hello.push_back(3);
    hello.push_back(static_cast<std::uint8_t>(kTargetName.size()));
    hello.insert(hello.end(), kTargetName.begin(), kTargetName.end());
  } else {
    hello.push_back(1);
    hello.insert(hello.end(), kTarget.address.bytes().begin(), kTarget.address.bytes().end());
  }
  hello.insert(hello.end(), {0, 80});
  // Pipelined: greeting, request and payload need not wait for the answers.
  actor.to_say.insert(actor.to_say.begin(), hello.begin(), hello.end());
  co_await live(actor, *stream, timers);
  actor.to_say.erase(actor.to_say.begin(), actor.to_say.begin() + static_cast<std::ptrdiff_t>(hello.size()));
  actor.said -= std::min(actor.said, hello.size());
}

net::Task<> target(Actor& actor, std::unique_ptr<net::Stream> stream, net::Timers& timers) {
  co_await live(actor, *stream, timers);
}

/// Comes to where ss-server listens for a peer, as soon as it does.
net::Task<> come(Actor& actor, Network& network, Endpoint from, Duration later, net::Timers& timers) {
  for (int i = 0; i < 50 && network.listeners.count(kBoundAt) == 0; ++i) co_await net::sleep(timers, 100ms);
  co_await net::sleep(timers, later);
  const auto listener = network.listeners.find(kBoundAt);
  if (listener == network.listeners.end()) co_return;
  auto link = std::make_shared<Link>(network.world, network.alive);
  const auto stream = std::make_unique<SimStream>(link, 0, from, kBoundAt, false);
  listener->second(std::make_unique<SimStream>(link, 1, kBoundAt, from, true));
  co_await live(actor, *stream, timers);
}

/// Takes the SOCKS5 answers off what the application heard. @return the last REP, if it was told that.
std::optional<unsigned> take_reply(Actor& application, std::size_t replies) {
  ByteVector& heard = application.heard;
  std::optional<unsigned> reply;
  std::size_t at = kGreetingAnswer;
  if (heard.size() >= at && heard[0] == 5 && heard[1] == 0) {
    for (std::size_t n = 1; n <= replies && heard.size() >= at + kReply && heard[at] == 5; ++n) {
      const unsigned rep = heard[at + 1];
      at += kReply;
      if (rep != 0 || n == replies) reply = rep;
      if (rep != 0) break;
    }
  }
  if (!reply) at = heard.size();
  heard.erase(heard.begin(), heard.begin() + static_cast<std::ptrdiff_t>(at));
  return reply;
}

bool waits_for_truth(const Scenario& scenario) {
  return scenario.known_ours && !scenario.optimistic && !scenario.stock_server;
}

/// What an application that waits for the truth is told where nothing goes wrong but what the scenario says.
unsigned true_reply(const Scenario& scenario) {
  if (scenario.target_takes > kDialLimit) return 4;
  return scenario.target_refuses ? 5 : 0;
}

/// Whether the application goes before anything has come of its request.
bool leaves(const Scenario& scenario) {
  return scenario.application_resets || scenario.bind == Scenario::Bind::deserted;
}

/// Without a fault the truth is told as soon as it is known, and not before.
std::string judge_time(const Scenario& scenario, const Actor& application) {
  if (!waits_for_truth(scenario) || scenario.bind != Scenario::Bind::none || leaves(scenario)) return {};
  const Duration known = std::min(scenario.target_takes, kDialLimit);
  const Duration told = application.answered ? application.answered->time_since_epoch() : Duration::zero();
  if (told < known || told > known + kOnTheWay) return "without a fault the truth came at another time";
  return {};
}

/// Without a fault a stranger is reset, and whoever leaves leaves neither a port nor a dial behind.
std::string judge_others(const Scenario& scenario, const Actor& answering, const Actor& stranger) {
  if (scenario.bind == Scenario::Bind::stranger && !stranger.failed) return "without a fault a stranger was not reset";
  if (leaves(scenario) && answering.ran) return "without a fault somebody came to an application that had left";
  return {};
}

/// What the application was told, against what the target knows.
std::string judge_reply(const Scenario& scenario, const Actor& application, const Actor& answering, unsigned reply,
                        FaultPlan plan) {
  if (reply != 0 && !application.heard.empty()) return "bytes behind a failure";
  if (application.answered && application.answered->time_since_epoch() > kLongestAnswer) return "told too late";
  // After 2 s without a frame "succeeded" is all that can be said. A frame that the connection does not take at once,
  // which no kernel does to an empty buffer, goes with the next one.
  const bool holds_frames_back = plan.fault == Fault::short_step || plan.fault == Fault::nothing_there;
  if (plan.fault == Fault::late || (scenario.target_takes > 0s && holds_frames_back)) return {};
  if (!waits_for_truth(scenario)) return {};
  if (reply == 0 && !answering.ran) return "told of success where the target was never reached";
  return {};
}

/// A FIN that a fault forged at a boundary between chunks, or on a leg without chunks, cannot be told from a true one.
bool may_end_early(FaultPlan plan) {
  return plan.fault == Fault::ended;
}

std::string judge_direction(const Actor& from, const Actor& to, bool told, FaultPlan plan, std::string_view which) {
  if (!is_prefix(to.heard, from.to_say)) return std::string(which) + ": what arrived is not what was sent";
  if (told && to.ran && to.heard_end && !may_end_early(plan) && to.heard.size() < from.said)
    return std::string(which) + ": a clean end before the last byte";
  return {};
}

}  // namespace

Report run_pair(const Scenario& scenario, std::uint64_t seed, Split split, FaultPlan plan) {
  World world(seed, split, plan);
  Network network(world);
  const cipher::Method& method = *cipher::find_method(scenario.method);
  const auto client_keys = protocol::ClientCredentials::from_password(method, secret_for(method));
  const auto server_keys = protocol::ServerCredentials::from_password(method, secret_for(method));
  CountingFilter salts(filter_for(method, world));
  const relay::TargetPolicy policy({}, {}, {kServer.address});
  net::DialOptions dial;
  local::Server known("server", TargetAddress(kServer.address, kServer.port), *client_keys);
  local::SessionRules local_rules{known, dial, false, 10s, 20ms, {}};
  if (scenario.known_ours) known.set_kind(local::Kind::ours);
  server::SessionRules server_rules{
      *server_keys, salts, policy, relay::RejectRule::make(relay::RejectPolicy::silent, method), dial, false};
  server_rules.bind_ports = {config::PortRange{kBoundAt.port, kBoundAt.port}};

  if (scenario.optimistic) local_rules.reply = config::Socks5Reply::optimistic;
  server_rules.extension = !scenario.stock_server;

  Actor application;
  application.to_say = sentinel_text(scenario.up, "UPSTREAM-PLAINTEXT");
  application.resets = scenario.application_resets;
  application.never_shuts = scenario.application_keeps_open;
  const bool binds = scenario.bind != Scenario::Bind::none;
  const std::size_t replies = binds ? 2 : 1;
  application.answers = kGreetingAnswer + replies * kReply;
  Actor answering;
  answering.to_say = sentinel_text(scenario.down, "DOWNSTREAM-PLAINTEXT");
  answering.listens_first = scenario.target_listens_first;
  answering.resets = scenario.target_resets;
  Actor stranger;
  const ByteVector up = application.to_say;

  Report report;
  {
    net::Spawner actors;
    Node outside(world, network, IpAddress{}, false);  // where the two applications live
    Node local_node(world, network, kLocalOutside, true);
    Node server_node(world, network, kServer.address, false);
    network.names[std::string(kTargetName)] = {kTarget.address};
    protocol::ClientPacketKeys packet_keys(*client_keys, local_node.env().keys, world, salts);
    local::NegotiationRules negotiation;
    negotiation.commands.bind = binds;
    const local::LocalWorker local_worker{negotiation, {{local_rules, packet_keys}}};
    network.listeners[kLocal] = [&](std::unique_ptr<net::Stream> stream) {
      local_node.spawner().spawn(local::serve(local_node.env(), local_worker, std::move(stream)));
    };
    network.listeners[kServer] = [&](std::unique_ptr<net::Stream> stream) {
      server_node.spawner().spawn(server::serve(server_node.env(), server_rules, std::move(stream)));
    };
    if (scenario.target_takes > 0s) network.connect_takes[kTarget] = scenario.target_takes;
    if (binds) {
      const bool later = scenario.bind == Scenario::Bind::stranger || scenario.bind == Scenario::Bind::deserted;
      net::Timers& timers = outside.env().timers;
      actors.spawn(come(answering, network, kTarget, later ? 1s : 0s, timers));
      if (scenario.bind == Scenario::Bind::stranger) actors.spawn(come(stranger, network, kStranger, 0s, timers));
    } else if (!scenario.target_refuses) {
      network.listeners[kTarget] = [&](std::unique_ptr<net::Stream> stream) {
        actors.spawn(target(answering, std::move(stream), outside.env().timers));
      };
    }
    // The application's own end is never struck; ss-local's end of that link is.
    auto link = std::make_shared<Link>(world, network.alive);
    network.listeners[kLocal](std::make_unique<SimStream>(link, 1, kLocal, Endpoint{}, true));
    actors.spawn(apply(application, scenario, std::make_unique<SimStream>(link, 0, Endpoint{}, kLocal, false),
                       outside.env().timers));

    world.run(kLongEnough);
    report.steps = world.steps();
    report.trace = world.trace();
    report.struck = world.struck();
    if (!local_node.clean()) report.violation = "something of ss-local's session is left";
    if (!server_node.clean()) report.violation = "something of ss-server's session is left";
    if (actors.live() > 0) report.violation = "an application or target never saw the end of its connection";
  }
  if (!report.violation.empty()) return report;
  if (network.alive != 0) report.violation = "a stream is left";

  if (network.listeners.count(kBoundAt) > 0) report.violation = "a port of BIND is open still";
  if (!stranger.heard.empty()) report.violation = "a stranger was told something";
  const std::optional<unsigned> reply = take_reply(application, replies);
  const bool told = reply == 0U;
  std::string broken;
  if (reply) broken = judge_reply(scenario, application, answering, *reply, plan);
  if (broken.empty()) broken = judge_direction(application, answering, told, plan, "upstream");
  if (broken.empty()) broken = judge_direction(answering, application, told, plan, "downstream");
  if (!broken.empty()) report.violation = broken;
  if (plan.fault == Fault::none) {
    if (broken.empty()) broken = judge_time(scenario, application);
    if (broken.empty()) broken = judge_others(scenario, answering, stranger);
    if (!broken.empty()) report.violation = broken;
  }
  const bool fails = scenario.target_refuses || scenario.target_takes > kDialLimit;
  if (plan.fault == Fault::none && leaves(scenario)) {
    if (told) report.violation = "without a fault an application that had left was told of success";
  } else if (plan.fault == Fault::none && fails) {
    const bool waits = waits_for_truth(scenario);
    if (reply != (waits ? true_reply(scenario) : 0U))
      report.violation = "without a fault the application was told something else";
    if (waits ? !application.heard_end : scenario.known_ours && !application.failed)
      report.violation = "without a fault a refusal arrived as something else";
  } else if (plan.fault == Fault::none) {
    if (!told) report.violation = "without a fault the application was not told 00";
    if (!scenario.target_resets && answering.heard != up)
      report.violation = "without a fault the target misses something";
    if (application.heard != answering.to_say) report.violation = "without a fault the application misses something";
    if (scenario.target_resets ? !application.failed : !application.heard_end || !answering.heard_end)
      report.violation = "without a fault an end arrived as something else";
  }

  std::size_t authenticated = 0;
  for (auto [at, end] = network.links.equal_range(kServer); at != end; ++at) {
    for (const Link::Lane& lane : at->second->lanes) {
      if (contains(lane.history, bytes_of(kSentinel))) report.violation = "payload is readable on the wire";
    }
    ++authenticated;
  }
  // SIP004 puts the server's own salt in as well.
  if (salts.inserted > authenticated * (method.is_2022() ? 1 : 2)) report.violation = "a salt too many is remembered";
  if (plan.fault == Fault::none && salts.inserted < authenticated) report.violation = "a salt is not remembered";
  return report;
}

}  // namespace ss::sim
