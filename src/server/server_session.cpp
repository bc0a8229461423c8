#include "server_session.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "admission.hpp"
#include "association_share.hpp"
#include "denial.hpp"
#include "dial_watch.hpp"
#include "operations.hpp"
#include "request_end.hpp"
#include "ss/net/deadline.hpp"
#include "ss/protocol/pair/operation.hpp"
#include "ss/protocol/uot.hpp"
#include "ss/relay/connect.hpp"
#include "ss/relay/reply.hpp"
#include "ss/telemetry/log.hpp"
#include "uot_targets.hpp"

namespace ss::server {

namespace socks5 = protocol::socks5;
namespace uot = protocol::uot;
using protocol::Request;
using protocol::ServerHandshake;
using relay::Environment;
using relay::LiveSession;

namespace {

/// One read of the handshake: far more than its headers, and little enough that the longest first payload and what came
/// behind it are no more than one direction may hold.
constexpr std::size_t kReadSize = relay::kMaxHeld / 2;

void note_refusal(Environment& env, Errc error) {
  if (error == Errc::short_first_read) env.counters.short_first_read.add();
  if (error == Errc::repeated_salt) env.counters.replays.add();
  if (error != Errc::forgotten_stamp) return;
  env.counters.forgotten_stamps.add();
  const std::optional<std::uint64_t> left_out = env.throttles.forgotten.admit(env.clock.now());
  if (left_out) {
    telemetry::log_warn(
        "a client refused: its request is from before what is remembered, and may be a replay; this follows a start "
        "with a gap in `replay_store`, or a clock that was set back ({} more like this)",
        *left_out);
  }
}

/// SIP004 has no timestamps, and where none has authenticated there is no offset.
void note_clock(const Environment& env, const SessionRules& rules, const ServerHandshake& handshake) {
  const std::int64_t offset = handshake.clock_offset();
  if (offset != 0 && rules.clocks != nullptr) rules.clocks->note(handshake.user(), offset, env.clock.now());
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

/// Takes the client up to its request. What proves to be none of ours, is not done within the deadline, or has to go
/// for want of room is rejected here.
/// @return  whether its request is there; otherwise the connection is at its end.
net::Task<bool> admit(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                      Admission& admission, const ConnectionShare& share) {
  net::Deadline limit(env.timers, client, relay::RejectRule::kDeadline);
  while (!limit.passed() && !session.stopping()) {
    const net::WaitOutcome outcome = co_await limit.ready(net::Side::read);
    if (outcome == net::WaitOutcome::cancelled) continue;
    protocol::Parsed<Request> step = protocol::Need{};
    const net::IoStatus status = feed_once(env, rules, client, admission.handshake, step);
    if (status == net::IoStatus::ended || status == net::IoStatus::failed) co_return false;
    if (step.ready()) {
      admission.request = std::move(step.value());
      note_clock(env, rules, admission.handshake);
      co_return true;
    }
    if (step.failed()) {
      note_refusal(env, step.error());
      note_clock(env, rules, admission.handshake);
      telemetry::log_debug("{}: refused: {}, clock off by {} s", client.peer_endpoint().to_string(),
                           describe(step.error()), admission.handshake.clock_offset());
      break;
    }
  }
  if (!session.stopping() || share.turned_away()) {
    co_await relay::reject(env, session, client, rules.reject, limit);
  }
  co_return false;
}

/// As the rules have it; with Fast Open the first payload may ride in the SYN. Only who has marked its request is told
/// what became of the dial.
net::DialOptions dial_options(const SessionRules& rules, const Request& request) {
  net::DialOptions options = rules.dial;
  options.tell_ttl = request.marked;
  if (rules.fast_open) options.first = request.payload;
  return options;
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
    const relay::HeldNote held(env.held_total, admission.held_bytes());
    DialWatch watch(env, session, client, admission, DialWatch::Purpose::dial);
    result = co_await relay::connect(env, session, target, dial_options(rules, admission.request), rules.ipv6_first,
                                     allowed);
    co_await watch.end();
    admission.request.payload = admission.request.payload.subspan(result.sent);
    env.counters.bytes_up.add(result.sent);
  }
  if (result.cause == net::DialCause::denied) note_denied(env, "target", reason);
  co_return result;
}

net::Task<> serve_datagrams(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                            std::unique_ptr<Admission> admission, uot::Version version) {
  const AssociationShare share(rules.associations, rules.association_limits, admission->request.user);
  if (!share.granted()) {
    env.counters.packets_dropped.add();
    telemetry::log_debug("UDP over TCP refused: there are as many associations as may be");
    co_await refuse(env, session, client, std::move(admission), socks5::Reply::general_failure);
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
  if (admission->answer && protocol::pair::is_reserved(admission->request.target)) {
    co_await serve_operation(env, rules, session, client, std::move(admission));
    co_return;
  }
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
    co_await refuse(env, session, client, std::move(admission), relay::reply_for(target.cause));
    co_return;
  }
  co_await relay_to(*target.stream, env, rules, session, client, std::move(admission), target.bound);
}

}  // namespace

net::Task<> serve(Environment& env, const SessionRules& rules, std::unique_ptr<net::Stream> client,
                  ConnectionGate* gate) {
  LiveSession session(env.sessions);
  session.client = client.get();
  ConnectionShare share(gate, session, client->peer_endpoint().address);
  auto admission = std::make_unique<Admission>(rules.credentials, env.keys, rules.extension);
  const bool admitted = co_await admit(env, rules, session, *client, *admission, share);
  if (!admitted) co_return;
  share.authenticate();
  session.admitted();
  if (admission->request.marked) {
    admission->answer.emplace(admission->handshake.take_encoder(env.entropy, env.clock.now(), rules.salts, true));
  }
  co_await serve_request(env, rules, session, *client, std::move(admission));
}

}  // namespace ss::server
