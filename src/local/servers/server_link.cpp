#include "servers/server_link.hpp"

#include <algorithm>
#include <utility>

#include "servers/balancer.hpp"
#include "servers/warm_pool.hpp"
#include "ss/relay/connect.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

using namespace std::chrono_literals;
using relay::Environment;
using relay::LiveSession;

namespace {

/// For the whole of a probe.
constexpr Duration kProbeLimit = 5s;

/// Connects to a server and hangs up: how long that takes is all that is asked.
net::Task<> probe(Environment& env, const LocalWorker& worker, std::size_t number) {
  LiveSession session(env.sessions);
  const SessionRules& rules = worker.lanes[number].rules;
  net::DialOptions options = rules.dial;
  options.connect_timeout = std::min(options.connect_timeout, kProbeLimit);
  const MonoTime begun = env.timers.now();
  const net::DialResult result =
      co_await relay::connect(env, session, rules.server.address(), options, rules.ipv6_first);
  report_dial(worker.tcp, worker.udp, number, result, env.timers.now() - begun, env.timers.now());
}

/// Sends the probes off that are due.
void send_probes(Environment& env, const LocalWorker& worker, const ServerOrder& order) {
  for (const std::uint16_t number : order.to_probe()) env.spawner.spawn(probe(env, worker, number));
}

/// One server that is to be tried.
struct Attempt {
  std::size_t server;
  Duration patience;  // 0: as the rules say
};

net::DialOptions options_of(const SessionRules& rules, const Attempt& attempt) {
  net::DialOptions options = rules.dial;
  if (attempt.patience > 0s) options.connect_timeout = std::min(options.connect_timeout, attempt.patience);
  return options;
}

/// A warm connection, or none.
net::Task<ServerLink> take_warm(const ServerLane& lane) {
  ServerLink link{nullptr, net::DialCause::failed, {}, &lane, true};
  while (!link.stream && lane.pool->has_some()) {
    std::unique_ptr<net::Stream> stream = co_await lane.pool->take();
    link.stream = std::move(stream);
  }
  if (link.stream) {
    link.cause = net::DialCause::connected;
    link.bound = link.stream->local_endpoint();
  }
  co_return link;
}

}  // namespace

net::Task<ServerLink> link_to_server(Environment& env, LiveSession& session, const LocalWorker& worker,
                                     const TargetAddress& target, ServerFits fits) {
  ServerOrder order;
  order.count = 1;
  if (worker.tcp) order = worker.tcp->order(target, env.timers.now());
  announce(order.news);
  send_probes(env, worker, order);
  ServerLink link;
  std::optional<Attempt> hurried;  // given up before its time
  std::size_t tried = 0;
  for (std::size_t i = 0; i < order.count || hurried; ++i) {
    // Where nobody else answers there is no hurry any more.
    const Attempt attempt = i < order.count ? Attempt{order.tries[i].server, order.tries[i].patience}
                                            : *std::exchange(hurried, std::nullopt);
    const ServerLane& lane = worker.lanes[attempt.server];
    const SessionRules& rules = lane.rules;
    if (fits && !fits(rules.server)) continue;
    if (i < order.count) ++tried;
    if (lane.pool) {
      lane.pool->asked();
      if (lane.pool->has_some()) link = co_await take_warm(lane);
      if (link.stream) break;
    }
    const net::DialOptions options = options_of(rules, attempt);
    const MonoTime begun = env.timers.now();
    net::DialResult result = co_await relay::connect(env, session, rules.server.address(), options, rules.ipv6_first);
    const Duration took = env.timers.now() - begun;
    const bool given_up =
        result.cause == net::DialCause::timed_out && options.connect_timeout < rules.dial.connect_timeout;
    if (given_up) {
      announce(worker.tcp->gave_up(attempt.server));
      if (!hurried) hurried = Attempt{attempt.server, 0s};
    } else {
      report_dial(worker.tcp, worker.udp, attempt.server, result, took, env.timers.now());
    }
    link = {std::move(result.stream), result.cause, result.bound, &lane, false};
    if (link.stream && lane.pool) lane.pool->connected_cold(took);
    if (link.stream || session.stopping()) break;
    if (i >= order.count) break;
  }
  if (link.lane && !link.stream && !session.stopping()) {
    note_unreachable(env, link.lane->rules.server, link.cause, tried);
  }
  co_return link;
}

bool is_open(const ServerLink& link) {
  return !link.warm || is_untouched(*link.stream);
}

void note_unreachable(Environment& env, const Server& server, net::DialCause cause, std::size_t tried) {
  env.counters.dial_failures.add();
  const std::optional<std::uint64_t> left_out = env.throttles.unreachable.admit(env.clock.now());
  if (!left_out) return;
  const std::string others = tried > 1 ? fmt::format("none of the {} servers that were tried answers; ", tried) : "";
  telemetry::log_warn("{}the server {} cannot be reached: {} ({} more like this)", others, server.name(),
                      net::name_of(cause), *left_out);
}

void report_dial(Balancer* tcp, Balancer* udp, std::size_t server, const net::DialResult& result, Duration took,
                 MonoTime now) {
  if (!tcp) return;
  if (!result.stream) return announce(tcp->failed(server, result.cause, now));
  announce(tcp->connected(server, took, now));
  if (udp) udp->measured(server, took);
}

void announce(const std::optional<std::string>& news) {
  if (news) telemetry::log_info("{}", *news);
}

}  // namespace ss::local
