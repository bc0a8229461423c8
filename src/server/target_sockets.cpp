#include "target_sockets.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "denial.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/resolve_all.hpp"
#include "ss/ops/errno_text.hpp"
#include "ss/relay/too_long.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::server {

using namespace std::chrono_literals;
using net::Family;
using relay::SendBatch;
using relay::TargetPolicy;

namespace {

/// Datagrams of one association that may wait for the addresses of their targets.
constexpr std::ptrdiff_t kMaxNamesPending = 16;

/// How long an association sends on to the address that a name had: short beside any TTL in use, long beside the
/// datagrams of one question.
constexpr Duration kNameKept = 5s;

}  // namespace

void TargetSockets::cancel() {
  for (const auto& socket : sockets) {
    if (socket) socket->cancel();
  }
  for (net::DialControl* const look_up : look_ups) look_up->cancel();
}

Endpoint TargetSockets::source(const Endpoint& from) const {
  const bool mapped = from.address.is_v4() && forms.is_mapped(from.address);
  return {mapped ? from.address.mapped() : from.address, from.port};
}

void TargetSender::send(TargetSockets& from, const TargetAddress& target, ConstBytes payload, SendBatch& batch) {
  if (target.is_domain()) return send_to_name(from, target, payload, batch);
  const IpAddress address = target.ip().unmapped();
  if (!allows(target.ip(), TargetPolicy::Named::by_address)) return;
  if (address.is_v4()) from.forms.note(address, target.ip().is_v6());
  send_to(from, {address, target.port()}, payload, batch);
}

void TargetSender::send_to(TargetSockets& from, const Endpoint& target, ConstBytes payload, SendBatch& batch) {
  net::Datagram* const socket = socket_for(from, target.address);
  if (socket == nullptr) return env_.counters.packets_dropped.add();
  batch.add(*socket, {payload, target, {}});
}

net::Datagram* TargetSender::socket_for(TargetSockets& from, const IpAddress& target) {
  const Family family = target.is_v4() ? Family::v4 : Family::v6;
  std::unique_ptr<net::Datagram>& socket = from.sockets[static_cast<std::size_t>(family)];
  // One that was cancelled belongs to its reader until that has ended.
  if (socket) return socket.get();
  int error = 0;
  socket = env_.datagrams.open(family, error);
  if (!socket) {
    const std::optional<std::uint64_t> left_out = env_.throttles.association.admit(env_.clock.now());
    if (left_out) {
      telemetry::log_warn("no socket for a UDP association: {} ({} more like this)", ops::errno_text(error), *left_out);
    }
    return nullptr;
  }
  opened_(from, family);
  return socket.get();
}

bool TargetSender::allows(const IpAddress& address, TargetPolicy::Named named) {
  const TargetPolicy::Verdict verdict = policy_.judge(address, named);
  if (!verdict.allowed) note_denied(env_, "UDP target", verdict.reason);
  return verdict.allowed;
}

void TargetSender::send_to_name(TargetSockets& from, const TargetAddress& target, ConstBytes payload,
                                SendBatch& batch) {
  const TargetSockets::Name* const known = from.name.get();
  if (known != nullptr && known->name == target.domain() && env_.clock.now() < known->until) {
    if (known->address.is_v4()) from.forms.note(known->address, false);
    return send_to(from, {known->address, target.port()}, payload, batch);
  }
  if (policy_.judge_name(target.domain()) == TargetPolicy::Named::denied) {
    return note_denied(env_, "UDP target", "the name is in \"deny_targets\"");
  }
  const std::ptrdiff_t pending = std::distance(from.look_ups.begin(), from.look_ups.end());
  if (pending >= kMaxNamesPending || env_.held_total.high()) return env_.counters.packets_dropped.add();
  env_.spawner.spawn(
      resolve_and_send(env_, *this, from.shared_from_this(), target, ByteVector(payload.begin(), payload.end())));
}

net::Task<> TargetSender::resolve_and_send(relay::Environment& env, TargetSender& sender,
                                           std::shared_ptr<TargetSockets> from, TargetAddress target,
                                           ByteVector payload) {
  const relay::HeldNote held(env.held_total, payload.size());
  net::DialControl control;
  from->look_ups.push_front(&control);
  const net::ResolveAnswer answer = co_await net::resolve_all(env.resolver, env.timers, target.domain(), {}, &control);
  from->look_ups.remove(&control);
  if (control.cancelled() || answer.status != net::ResolveStatus::found) {
    env.counters.packets_dropped.add();
  } else {
    sender.send_to_first_allowed(*from, target, answer.addresses, payload);
  }
}

void TargetSender::send_to_first_allowed(TargetSockets& from, const TargetAddress& target,
                                         const std::vector<IpAddress>& addresses, ConstBytes payload) {
  const TargetPolicy::Named named = policy_.judge_name(target.domain());
  const std::vector<Endpoint> ordered = net::interleave(addresses, target.port(), ipv6_first_);
  const auto chosen = std::find_if(ordered.begin(), ordered.end(),
                                   [&](const Endpoint& endpoint) { return allows(endpoint.address, named); });
  if (chosen == ordered.end()) return;
  IpAddress address = chosen->address.unmapped();
  if (from.one_target && from.name) {
    address = from.name->address;  // another look-up was quicker
  } else {
    const MonoTime until = from.one_target ? MonoTime::max() : env_.clock.now() + kNameKept;
    from.name = std::make_unique<TargetSockets::Name>(TargetSockets::Name{target.domain(), address, until});
  }
  if (address.is_v4()) from.forms.note(address, false);
  net::Datagram* const socket = socket_for(from, address);
  if (socket == nullptr) return env_.counters.packets_dropped.add();
  const net::Outgoing datagram{payload, {address, target.port()}, {}};
  const net::SendResult done = socket->try_send(std::span(&datagram, 1));
  (done.sent == 1 ? env_.counters.packets_up : env_.counters.packets_dropped).add();
  if (done.too_long > 0) relay::note_too_long(env_, done.too_long, payload.size(), done.fits);
}

}  // namespace ss::server
