#include "server_session.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "association_share.hpp"
#include "ss/net/deadline.hpp"
#include "ss/protocol/server_handshake.hpp"
#include "ss/protocol/uot.hpp"
#include "ss/relay/connect.hpp"
#include "ss/relay/drain.hpp"
#include "ss/relay/pump.hpp"
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
/// @return  whether `request` is there; otherwise the connection is at its end.
net::Task<bool> admit(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                      ServerHandshake& handshake, Request& request) {
  net::Deadline limit(env.timers, client, relay::RejectRule::kDeadline);
  while (!limit.passed() && !session.stopping()) {
    const net::WaitOutcome outcome = co_await limit.ready(net::Side::read);
    if (outcome == net::WaitOutcome::cancelled) continue;
    protocol::Parsed<Request> step = protocol::Need{};
    const net::IoStatus status = feed_once(env, rules, client, handshake, step);
    if (status == net::IoStatus::ended || status == net::IoStatus::failed) co_return false;
    if (step.ready()) {
      request = std::move(step.value());
      co_return true;
    }
    if (step.failed()) {
      count_refusal(env.counters, step.error());
      telemetry::log_debug("{}: refused: {}, clock off by {} s", client.peer_endpoint().to_string(),
                           describe(step.error()), handshake.clock_offset());
      break;
    }
  }
  if (!session.stopping()) co_await relay::reject(env, session, client, rules.reject, limit);
  co_return false;
}

/// Dials the target where policy lets it.
net::Task<net::DialResult> connect_target(Environment& env, const SessionRules& rules, LiveSession& session,
                                          const TargetAddress& target) {
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
    result = co_await relay::connect(env, session, target, rules.dial, rules.ipv6_first, allowed);
  }
  if (result.cause == net::DialCause::denied) {
    env.counters.denied.add();
    const std::optional<std::uint64_t> left_out = env.policy_log.admit(env.clock.now());
    if (left_out) telemetry::log_info("target refused: {} ({} more like this)", reason, *left_out);
  }
  co_return result;
}

/// Relays between the client and what its request has led to.
net::Task<> relay_to(net::Stream& upstream, Environment& env, const SessionRules& rules, LiveSession& session,
                     net::Stream& client, std::unique_ptr<ServerHandshake> handshake, const Request& request) {
  session.upstream = &upstream;
  relay::OpenPump up(env, session, client, upstream, env.counters.bytes_up, handshake->take_decoder(), request.payload,
                     request.rest);
  relay::SealPump down(env, session, upstream, client, env.counters.bytes_down,
                       handshake->take_encoder(env.entropy, env.clock.now(), rules.salts, false));
  handshake.reset();
  co_await relay::relay_tcp(env, session, client, upstream, up, down);
  session.upstream = nullptr;
}

net::Task<> serve_datagrams(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                            std::unique_ptr<ServerHandshake> handshake, Request request, uot::Version version) {
  const AssociationShare share(rules.associations, rules.association_limits, request.user);
  if (!share.granted()) {
    env.counters.packets_dropped.add();
    telemetry::log_debug("UDP over TCP refused: there are as many associations as may be");
    handshake.reset();
    co_await relay::finish_and_drain(env, session, client, kDrainGrace);
    co_return;
  }
  UotTargets targets(env, rules.policy, rules.ipv6_first, version, *rules.datagrams_idle);
  env.counters.associations.add();
  co_await relay_to(targets, env, rules, session, client, std::move(handshake), request);
  env.counters.associations.sub();
  co_await targets.close();
}

net::Task<> serve_request(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                          std::unique_ptr<ServerHandshake> handshake, Request request) {
  const std::optional<uot::Version> datagrams = uot::version_of(request.target);
  if (datagrams && rules.datagrams_idle) {
    co_await serve_datagrams(env, rules, session, client, std::move(handshake), std::move(request), *datagrams);
    co_return;
  }
  net::DialResult target;
  if (datagrams) {
    target.cause = net::DialCause::denied;
  } else {
    const relay::HeldNote held(env.held_total, request.payload.size() + request.rest.size());
    target = co_await connect_target(env, rules, session, request.target);
  }
  if (!target.stream) {
    env.counters.dial_failures.add();
    telemetry::log_debug("{}: {}", request.target.to_string(), net::name_of(target.cause));
    co_await relay::finish_and_drain(env, session, client, kDrainGrace);
    co_return;
  }
  co_await relay_to(*target.stream, env, rules, session, client, std::move(handshake), request);
}

}  // namespace

net::Task<> serve(Environment& env, const SessionRules& rules, std::unique_ptr<net::Stream> client) {
  LiveSession session(env.sessions);
  session.client = client.get();
  auto handshake = std::make_unique<ServerHandshake>(rules.credentials, env.keys);
  Request request;
  const bool admitted = co_await admit(env, rules, session, *client, *handshake, request);
  if (!admitted) co_return;
  session.admitted();
  co_await serve_request(env, rules, session, *client, std::move(handshake), std::move(request));
}

}  // namespace ss::server
