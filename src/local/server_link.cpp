#include "server_link.hpp"

#include <algorithm>
#include <utility>

#include "balancer.hpp"
#include "ss/relay/connect.hpp"
#include "ss/telemetry/log.hpp"
#include "warm_pool.hpp"

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

/// @param limit  of the dial; 0: as the rules say.
/// @return  the link, and whether `limit` was what ended it, in `cut_short`.
net::Task<ServerLink> dial(Environment& env, LiveSession& session, const LocalWorker& worker, std::size_t number,
                           Duration limit, bool* cut_short) {
  const ServerLane& lane = worker.lanes[number];
  const SessionRules& rules = lane.rules;
  net::DialOptions options = rules.dial;
  if (limit > 0s) options.connect_timeout = std::min(options.connect_timeout, limit);
  const MonoTime begun = env.timers.now();
  net::DialResult result = co_await relay::connect(env, session, rules.server.address(), options, rules.ipv6_first);
  const Duration took = env.timers.now() - begun;
  *cut_short = result.cause == net::DialCause::timed_out && options.connect_timeout < rules.dial.connect_timeout;
  report_dial(worker.tcp, worker.udp, number, result, took, env.timers.now());
  if (result.stream && lane.pool) lane.pool->connected_cold(took);
  co_return ServerLink{std::move(result.stream), result.cause, result.bound, &rules.server, &lane, false};
}

/// A warm connection, or none.
net::Task<ServerLink> take_warm(const ServerLane& lane) {
  ServerLink link{nullptr, net::DialCause::failed, {}, &lane.rules.server, &lane, true};
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

/// One line for many clients: with the server away every connection of a browser comes by here.
void complain(Environment& env, const LocalWorker& worker, const ServerLink& link) {
  env.counters.dial_failures.add();
  const std::optional<std::uint64_t> left_out = env.dial_log.admit(env.clock.now());
  if (!left_out) return;
  const bool several = worker.lanes.size() > 1;
  telemetry::log_warn("{}the server {} cannot be reached: {} ({} more like this)",
                      several ? "none of the servers answers; " : "", link.server->name(), net::name_of(link.cause),
                      *left_out);
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
  std::optional<std::size_t> impatient;
  for (const ServerOrder::Try& each : order.view()) {
    const ServerLane& lane = worker.lanes[each.server];
    if (fits && !fits(lane.rules.server)) continue;
    if (lane.pool) {
      lane.pool->asked();
      if (lane.pool->has_some()) link = co_await take_warm(lane);
      if (link.stream) co_return link;
    }
    bool cut_short = false;
    link = co_await dial(env, session, worker, each.server, each.patience, &cut_short);
    if (link.stream || session.stopping()) co_return link;
    if (cut_short && !impatient) impatient = each.server;
  }
  if (impatient) {
    // Nobody else answers, so there is no hurry any more.
    bool cut_short = false;
    link = co_await dial(env, session, worker, *impatient, 0s, &cut_short);
  }
  if (link.server && !link.stream && !session.stopping()) complain(env, worker, link);
  co_return link;
}

bool is_open(const ServerLink& link) {
  return !link.warm || is_untouched(*link.stream);
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
