#include "server_session.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "admission.hpp"
#include "association_share.hpp"
#include "dial_watch.hpp"
#include "ss/net/deadline.hpp"
#include "ss/protocol/uot.hpp"
#include "ss/relay/connect.hpp"
#include "ss/relay/drain.hpp"
#include "ss/relay/pump.hpp"
#include "ss/relay/reply.hpp"
#include "ss/relay/tcp_relay.hpp"
#include "ss/telemetry/log.hpp"
#include "uot_targets.hpp"

namespace ss::server {

using namespace std::chrono_literals;
namespace uot = protocol::uot;
using protocol::Request;
using protocol::ServerHandshake;
using relay::Environment;
using relay::LiveSession;

namespace {

/// How long a refused or unreachable target's client may go on sending before it is cut off.
constexpr Duration kDrainGrace = 5s;

/// One read of the handshake: far more than its headers, and little enough that the longest first payload and what came
/// behind it are no more than one direction may hold.
constexpr std::size_t kReadSize = relay::kMaxHeld / 2;

void count_refusal(telemetry::Counters& counters, Errc error) {
  if (error == Errc::short_first_read) counters.short_first_read.add();
  if (error == Errc::repeated_salt) counters.replays.add();
}

/// One read, and what the handshake makes of it. `step` is left as it was where the read gave nothing.
net::IoStatus feed_once(Environment& env, const SessionRules& rules, net::Stream& client, ServerHandshake& handshake,
                        protocol::Parsed<Request>& step) {
  const relay::Scratch::Turn turn(env.scratch);
  const Bytes room = turn.area().first(kReadSize);
  const net::IoResult got = client.try_read(room);
  if (got.status != net::IoStatus::done) return got.status;
  step = handshake.feed(room.first(got.bytes), env.clock.unix_now(), env.clock.now(), rules.salts);
  return net::IoStatus::done;
}

/// Takes the client up to its request. What proves to be none of ours, or is not done within the deadline, is rejected
/// here.
/// @return  whether its request is there; otherwise the connection is at its end.
net::Task<bool> admit(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                      Admission& admission) {
  net::Deadline limit(env.timers, client, relay::RejectRule::kDeadline);
  while (!limit.passed() && !session.stopping()) {
    const net::WaitOutcome outcome = co_await limit.ready(net::Side::read);
    if (outcome == net::WaitOutcome::cancelled) continue;
    protocol::Parsed<Request> step = protocol::Need{};
    const net::IoStatus status = feed_once(env, rules, client, admission.handshake, step);
    if (status == net::IoStatus::ended || status == net::IoStatus::failed) co_return false;
    if (step.ready()) {
      admission.request = std::move(step.value());
      co_return true;
    }
    if (step.failed()) {
      count_refusal(env.counters, step.error());
      telemetry::log_debug("{}: refused: {}, clock off by {} s", client.peer_endpoint().to_string(),
                           describe(step.error()), admission.handshake.clock_offset());
      break;
    }
  }
  if (!session.stopping()) co_await relay::reject(env, session, client, rules.reject, limit);
  co_return false;
}

/// Dials the target where policy lets it.
/// @return  as relay::connect; `cancelled` also where the client has reset.
net::Task<net::DialResult> connect_target(Environment& env, const SessionRules& rules, LiveSession& session,
                                          net::Stream& client, Admission& admission) {
  const TargetAddress& target = admission.request.target;
  auto named = relay::TargetPolicy::Named::by_address;
  if (target.is_domain()) named = rules.policy.judge_name(target.domain());
  std::string reason = "the name is in \"deny_targets\"";
  const std::function<bool(const IpAddress&)> allowed = [&rules, &reason, named](const IpAddress& address) {
    relay::TargetPolicy::Verdict verdict = rules.policy.judge(address, named);
    if (!verdict.allowed) reason = std::move(verdict.reason);
    return verdict.allowed;
  };
  net::DialResult result;
  if (named == relay::TargetPolicy::Named::denied) {
    result.cause = net::DialCause::denied;
  } else {
    const relay::HeldNote held(env.held_total, admission.request.payload.size() + admission.request.rest.size());
    DialWatch watch(env, session, client, admission);
    result = co_await relay::connect(env, session, target, rules.dial, rules.ipv6_first, allowed);
    co_await watch.end();
  }
  if (result.cause == net::DialCause::denied) {
    env.counters.denied.add();
    const std::optional<std::uint64_t> left_out = env.policy_log.admit(env.clock.now());
    if (left_out) telemetry::log_info("target refused: {} ({} more like this)", reason, *left_out);
  }
  co_return result;
}

/// Tells the client that nothing comes of its request: by the frame where it is marked, else by FIN without a byte, as
/// stock servers do.
net::Task<> refuse(Environment& env, LiveSession& session, net::Stream& client, std::unique_ptr<Admission> admission,
                   net::DialCause cause) {
  if (admission->answer) {
    admission->answer->send(env, client, {relay::reply_for(cause), false, {}});
    co_await admission->answer->finish(env, session, client, kDrainGrace);
    co_return;
  }
  admission.reset();
  co_await relay::finish_and_drain(env, session, client, kDrainGrace);
}

/// What the downstream pump starts with: the rest of an answer that has begun, or the beginning of a stream.
relay::SealPump seal_pump(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& upstream,
                          net::Stream& client, Admission& admission) {
  telemetry::Counter& counter = env.counters.bytes_down;
  if (std::optional<PairAnswer>& answer = admission.answer) {
    return {env, session, upstream, client, counter, answer->take_encoder(), answer->unsent()};
  }
  return {env,    session, upstream,
          client, counter, admission.handshake.take_encoder(env.entropy, env.clock.now(), rules.salts, false)};
}

/// Relays between the client and what its request has led to, which its answer has told it already.
/// @param bound  our end of that.
net::Task<> relay_to(net::Stream& upstream, Environment& env, const SessionRules& rules, LiveSession& session,
                     net::Stream& client, std::unique_ptr<Admission> admission, const Endpoint& bound) {
  session.upstream = &upstream;
  if (admission->answer) admission->answer->send(env, client, {protocol::socks5::Reply::succeeded, false, bound});
  relay::OpenPump up(env, session, client, upstream, env.counters.bytes_up, admission->handshake.take_decoder(),
                     admission->request.payload, admission->rest());
  relay::SealPump down = seal_pump(env, rules, session, upstream, client, *admission);
  admission.reset();
  co_await relay::relay_tcp(env, session, client, upstream, up, down);
  session.upstream = nullptr;
}

net::Task<> serve_datagrams(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                            std::unique_ptr<Admission> admission, uot::Version version) {
  const AssociationShare share(rules.associations, rules.association_limits, admission->request.user);
  if (!share.granted()) {
    env.counters.packets_dropped.add();
    telemetry::log_debug("UDP over TCP refused: there are as many associations as may be");
    co_await refuse(env, session, client, std::move(admission), net::DialCause::failed);
    co_return;
  }
  UotTargets targets(env, rules.policy, rules.ipv6_first, version, *rules.datagrams_idle);
  env.counters.associations.add();
  co_await relay_to(targets, env, rules, session, client, std::move(admission), {});
  env.counters.associations.sub();
  co_await targets.close();
}

net::Task<> serve_request(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                          std::unique_ptr<Admission> admission) {
  const std::optional<uot::Version> datagrams = uot::version_of(admission->request.target);
  if (datagrams && rules.datagrams_idle) {
    co_await serve_datagrams(env, rules, session, client, std::move(admission), *datagrams);
    co_return;
  }
  net::DialResult target;
  if (datagrams) {
    target.cause = net::DialCause::denied;
  } else {
    target = co_await connect_target(env, rules, session, client, *admission);
  }
  // Nobody waits for an answer any more.
  if (target.cause == net::DialCause::cancelled) co_return;
  if (!target.stream) {
    env.counters.dial_failures.add();
    telemetry::log_debug("{}: {}", admission->request.target.to_string(), net::name_of(target.cause));
    co_await refuse(env, session, client, std::move(admission), target.cause);
    co_return;
  }
  co_await relay_to(*target.stream, env, rules, session, client, std::move(admission), target.bound);
}

}  // namespace

net::Task<> serve(Environment& env, const SessionRules& rules, std::unique_ptr<net::Stream> client) {
  LiveSession session(env.sessions);
  session.client = client.get();
  auto admission = std::make_unique<Admission>(rules.credentials, env.keys, rules.extension);
  const bool admitted = co_await admit(env, rules, session, *client, *admission);
  if (!admitted) co_return;
  session.admitted();
  if (admission->request.marked) {
    admission->answer.emplace(admission->handshake.take_encoder(env.entropy, env.clock.now(), rules.salts, true));
  }
  co_await serve_request(env, rules, session, *client, std::move(admission));
}

}  // namespace ss::server
