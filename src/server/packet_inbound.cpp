#include "packet_inbound.hpp"

#include <algorithm>
#include <utility>

#include "ss/net/dial.hpp"
#include "ss/net/resolve_all.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::server {

using namespace std::chrono_literals;
using net::Family;
using net::Received;
using net::Side;
using net::WaitOutcome;
using protocol::ClientPacket;
using relay::DatagramScratch;
using relay::SendBatch;
using relay::TargetPolicy;

namespace {

/// Datagrams of one association that may wait for the addresses of their targets.
constexpr std::uint16_t kMaxNamesPending = 16;

/// How long an association sends on to the address that a name had: short beside any TTL in use, long beside the
/// datagrams of one question.
constexpr Duration kNameKept = 5s;

constexpr std::uint16_t kDnsPort = 53;

Family family_of(const IpAddress& address) {
  return address.is_v4() ? Family::v4 : Family::v6;
}

IpAddress mapped(const IpAddress& address) {
  IpAddress::V6 bytes{};
  bytes[10] = bytes[11] = 0xFF;
  std::copy(address.bytes().begin(), address.bytes().end(), bytes.begin() + 12);
  return IpAddress(bytes);
}

}  // namespace

// Not by a destructor: where the worker ends first, frames are destroyed and nothing may be resumed.
void PacketInbound::leave() {
  if (--running_ == 0 && joiner_) std::exchange(joiner_, {}).resume();
}

/// Suspends until no coroutine is left beside `run`.
struct PacketInbound::AllEnded {
  PacketInbound& inbound;
  bool await_ready() const noexcept { return inbound.running_ == 0; }
  void await_suspend(std::coroutine_handle<> joiner) { inbound.joiner_ = joiner; }
  void await_resume() const noexcept {}
};

PacketInbound::PacketInbound(relay::Environment& env, const PacketRules& rules, unsigned worker,
                             std::unique_ptr<net::Datagram> socket)
    : env_(env),
      rules_(rules),
      worker_(worker),
      overhead_(protocol::max_packet_overhead(rules.credentials.method(), 0)),
      socket_(std::move(socket)),
      packets_(rules.credentials, env.keys, env.entropy, rules.salts),
      table_(
          env.timers, rules.counts, rules.limits, env.counters.associations,
          [](Association& association) {
            for (const auto& open : association.sockets) {
              if (open) open->cancel();
            }
          },
          [&directory = rules.directory](const Association& association) { directory.release(association.key); }) {}

net::Task<> PacketInbound::run() {
  relay::LiveSession session(env_.sessions);
  session.datagram = socket_.get();
  while (!session.stopping()) {
    const WaitOutcome outcome = co_await net::ready(*socket_, Side::read);
    if (outcome == WaitOutcome::ready) serve_batch();
  }
  stopping_ = true;
  for (net::DialControl* const look_up : look_ups_) look_up->cancel();
  table_.remove_all();
  co_await AllEnded{*this};
}

protocol::ServerPacketSession* PacketInbound::find(std::size_t user, std::uint64_t session_id) {
  found_ = table_.find({user, session_id, {}});
  return found_ ? &found_->session : nullptr;
}

void PacketInbound::serve_batch() {
  DatagramScratch::Turn turn(env_.datagram_scratch);
  SendBatch batch(turn, env_.counters, env_.counters.packets_up);
  for (const Received& datagram : turn.receive(*socket_)) serve(datagram, batch);
  found_ = nullptr;
}

void PacketInbound::serve(const Received& datagram, SendBatch& batch) {
  found_ = nullptr;
  std::size_t likely_user = 0;
  if (!rules_.credentials.method().is_2022()) {
    found_ = table_.find({0, 0, datagram.from});
    if (found_) likely_user = found_->session.user();
  }
  const Result<ClientPacket> packet =
      packets_.open(datagram.bytes, env_.clock.unix_now(), env_.clock.now(), *this, likely_user);
  if (!packet) {
    env_.counters.packets_refused.add();
    const bool repeated = packet.error() == Errc::repeated_packet || packet.error() == Errc::repeated_salt;
    if (repeated) env_.counters.packets_replayed.add();
    telemetry::log_debug("{}: packet refused: {}", datagram.from.to_string(), describe(packet.error()));
    return;
  }
  const std::shared_ptr<Association> association = association_of(datagram, *packet);
  if (!association) return;
  association->path = {datagram.from, datagram.to};
  pass_on(association, packet->content.address, packet->content.payload, batch);
}

std::shared_ptr<Association> PacketInbound::association_of(const Received& datagram, const ClientPacket& packet) {
  if (rules_.credentials.method().is_2022()) {
    return packet.session != nullptr ? found_ : begin_session({packet.user, packet.session_id, {}}, datagram, packet);
  }
  // Another user at the same address and port is another client: what the one before had is his no more.
  if (found_ && found_->session.user() != packet.user) table_.remove(*std::exchange(found_, nullptr));
  return found_ ? found_ : begin({0, 0, datagram.from}, packet);
}

std::shared_ptr<Association> PacketInbound::begin_session(const AssociationKey& key, const Received& datagram,
                                                          const ClientPacket& packet) {
  const unsigned lives_on = rules_.directory.claim(key, worker_);
  if (lives_on != worker_) {
    const ConstBytes payload = packet.content.payload;
    rules_.directory.hand_over(lives_on, {key,
                                          packet.packet_id,
                                          packet.content.address,
                                          ByteVector(payload.begin(), payload.end()),
                                          {datagram.from, datagram.to}});
    return nullptr;
  }
  std::shared_ptr<Association> association = begin(key, packet);
  if (!association) rules_.directory.release(key);
  return association;
}

std::shared_ptr<Association> PacketInbound::begin(const AssociationKey& key, const ClientPacket& packet) {
  auto association = std::make_shared<Association>(key, packets_, packet);
  if (table_.insert(association)) return association;
  env_.counters.packets_dropped.add();
  return nullptr;
}

void PacketInbound::take_over(const RoamedPacket& packet) {
  rules_.directory.taken(worker_);
  if (stopping_) return;
  const std::shared_ptr<Association> association = table_.find(packet.key);
  if (!association) return;
  if (!association->session.commit(packet.packet_id)) {
    env_.counters.packets_refused.add();
    env_.counters.packets_replayed.add();
    return;
  }
  association->path = packet.path;
  DatagramScratch::Turn turn(env_.datagram_scratch);
  SendBatch batch(turn, env_.counters, env_.counters.packets_up);
  pass_on(association, packet.target, packet.payload, batch);
}

void PacketInbound::pass_on(const std::shared_ptr<Association>& association, const TargetAddress& target,
                            ConstBytes payload, SendBatch& batch) {
  if (target.port() != kDnsPort) association->only_dns = false;
  if (!table_.touch(*association)) return env_.counters.packets_dropped.add();
  if (target.is_domain()) return pass_on_by_name(association, target, payload, batch);
  const IpAddress address = target.ip().unmapped();
  if (address.is_v4()) association->mapped = target.ip().is_v6();
  if (allows(target.ip(), TargetPolicy::Named::by_address)) {
    send_to(*association, {address, target.port()}, payload, batch);
  }
}

bool PacketInbound::allows(const IpAddress& address, TargetPolicy::Named named) {
  const TargetPolicy::Verdict verdict = rules_.policy.judge(address, named);
  if (!verdict.allowed) note_denied(verdict.reason);
  return verdict.allowed;
}

void PacketInbound::note_denied(std::string_view reason) {
  env_.counters.denied.add();
  const std::optional<std::uint64_t> left_out = env_.policy_log.admit(env_.clock.now());
  if (left_out) telemetry::log_info("UDP target refused: {} ({} more like this)", reason, *left_out);
}

void PacketInbound::send_to(Association& association, const Endpoint& target, ConstBytes payload, SendBatch& batch) {
  net::Datagram* const socket = socket_for(association, family_of(target.address));
  if (socket == nullptr) return env_.counters.packets_dropped.add();
  batch.add(*socket, {payload, target, {}});
}

net::Datagram* PacketInbound::socket_for(Association& association, Family family) {
  std::unique_ptr<net::Datagram>& socket = association.sockets[static_cast<std::size_t>(family)];
  // One that was cancelled belongs to its reader until that has ended.
  if (socket) return socket.get();
  int error = 0;
  socket = env_.datagrams.open(family, error);
  if (!socket) {
    const std::optional<std::uint64_t> left_out = env_.dial_log.admit(env_.clock.now());
    if (left_out) telemetry::log_warn("no socket for a UDP association: {} ({} more like this)", error, *left_out);
    return nullptr;
  }
  env_.spawner.spawn(read_answers(association.shared_from_this(), family));
  return socket.get();
}

void PacketInbound::pass_on_by_name(const std::shared_ptr<Association>& association, const TargetAddress& target,
                                    ConstBytes payload, SendBatch& batch) {
  const Association::Name* const known = association->name.get();
  if (known != nullptr && known->name == target.domain() && env_.clock.now() < known->until) {
    return send_to(*association, {known->address, target.port()}, payload, batch);
  }
  if (rules_.policy.judge_name(target.domain()) == TargetPolicy::Named::denied) {
    return note_denied("the name is in \"deny_targets\"");
  }
  if (association->names_pending >= kMaxNamesPending || env_.held_total.high()) {
    return env_.counters.packets_dropped.add();
  }
  env_.spawner.spawn(resolve_and_send(association, target, ByteVector(payload.begin(), payload.end())));
}

net::Task<> PacketInbound::resolve_and_send(std::shared_ptr<Association> association, TargetAddress target,
                                            ByteVector payload) {
  ++running_;
  const relay::HeldNote held(env_.held_total, payload.size());
  net::DialControl control;
  const auto place = look_ups_.insert(look_ups_.end(), &control);
  ++association->names_pending;
  const net::ResolveAnswer answer =
      co_await net::resolve_all(env_.resolver, env_.timers, target.domain(), {}, &control);
  --association->names_pending;
  look_ups_.erase(place);
  if (answer.status != net::ResolveStatus::found) {
    env_.counters.packets_dropped.add();
  } else if (!stopping_ && association->awake()) {
    send_to_first_allowed(*association, target, answer.addresses, payload);
  }
  leave();
}

void PacketInbound::send_to_first_allowed(Association& association, const TargetAddress& target,
                                          const std::vector<IpAddress>& addresses, ConstBytes payload) {
  const TargetPolicy::Named named = rules_.policy.judge_name(target.domain());
  const std::vector<Endpoint> ordered = net::interleave(addresses, target.port(), rules_.ipv6_first);
  const auto chosen = std::find_if(ordered.begin(), ordered.end(),
                                   [&](const Endpoint& endpoint) { return allows(endpoint.address, named); });
  if (chosen == ordered.end()) return;
  const IpAddress address = chosen->address.unmapped();
  if (address.is_v4()) association.mapped = false;
  association.name =
      std::make_unique<Association::Name>(Association::Name{target.domain(), address, env_.clock.now() + kNameKept});
  net::Datagram* const socket = socket_for(association, family_of(address));
  if (socket == nullptr) return env_.counters.packets_dropped.add();
  const net::Outgoing datagram{payload, {address, target.port()}, {}};
  const net::SendResult done = socket->try_send(std::span(&datagram, 1));
  (done.sent == 1 ? env_.counters.packets_up : env_.counters.packets_dropped).add();
}

net::Task<> PacketInbound::read_answers(std::shared_ptr<Association> association, Family family) {
  ++running_;
  std::unique_ptr<net::Datagram>& socket = association->sockets[static_cast<std::size_t>(family)];
  WaitOutcome outcome = WaitOutcome::ready;
  while (outcome == WaitOutcome::ready && association->awake()) {
    outcome = co_await net::ready(*socket, Side::read);
    if (outcome == WaitOutcome::ready && association->awake()) answer_batch(*association, *socket);
  }
  socket.reset();
  leave();
}

void PacketInbound::answer_batch(Association& association, net::Datagram& from) {
  DatagramScratch::Turn turn(env_.datagram_scratch);
  SendBatch batch(turn, env_.counters, env_.counters.packets_down);
  const UnixSeconds now = env_.clock.unix_now();
  const std::span<Received> answers = turn.receive(from);
  if (answers.empty() || !table_.touch(association)) return;
  for (const Received& answer : answers) {
    const bool as_mapped = association.mapped && answer.from.address.is_v4();
    const Endpoint source{as_mapped ? mapped(answer.from.address) : answer.from.address, answer.from.port};
    const Bytes room = batch.room(*socket_, answer.bytes.size() + overhead_);
    const std::size_t length = association.session.seal(packets_, source, answer.bytes, now, room);
    if (length == 0 || length > protocol::kMaxDatagram) {
      env_.counters.packets_dropped.add();
      note_too_long(answer.bytes.size(), length);
      continue;
    }
    batch.add(*socket_, {room.first(length), association.path.client, association.path.local});
  }
}

void PacketInbound::note_too_long(std::size_t payload, std::size_t sealed) {
  if (sealed == 0) return;
  env_.counters.packets_too_long.add();
  const std::optional<std::uint64_t> left_out = too_long_log_.admit(env_.clock.now());
  if (left_out) {
    telemetry::log_info("an answer of {} bytes does not fit a datagram once sealed: {} would ({} more like this)",
                        payload, payload - (sealed - protocol::kMaxDatagram), *left_out);
  }
}

net::Task<> serve_packets(relay::Environment& env, const PacketRules& rules, PacketWorker worker,
                          std::unique_ptr<net::Datagram> socket) {
  PacketInbound inbound(env, rules, worker.index, std::move(socket));
  // Packets that are under way to this worker when it ends find nobody.
  const auto here = std::make_shared<PacketInbound*>(&inbound);
  rules.directory.attach(worker.index, [post = std::move(worker.post), here](const RoamedPacket& packet) {
    post([here, packet] {
      if (*here != nullptr) (*here)->take_over(packet);
    });
  });
  co_await inbound.run();
  *here = nullptr;
}

}  // namespace ss::server
