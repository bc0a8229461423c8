#include "packet_inbound.hpp"

#include <array>
#include <new>
#include <utility>

#include "ss/relay/too_long.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::server {

using net::Family;
using net::Received;
using net::Side;
using net::WaitOutcome;
using protocol::ClientPacket;
using relay::DatagramScratch;
using relay::SendBatch;

namespace {

constexpr std::uint16_t kDnsPort = 53;

/// How long after a question to port 53 what comes from there is taken for an answer to it.
constexpr Duration kAnswerExpected = std::chrono::seconds(17);

}  // namespace

/// An association and what waits on its sockets: a callback each, where a coroutine took 370 bytes.
struct PacketInbound::Served final : Association {
  class Reader final : public net::Waiter {
   public:
    Reader(Served& of, Family family) : of_(of), family_(family) {}
    void complete(WaitOutcome outcome) override { of_.inbound.read_answers(of_, family_, outcome); }

   private:
    Served& of_;
    const Family family_;
  };

  Served(PacketInbound& by, const AssociationKey& from, const ClientPacket& first)
      : Association(from, by.packets_, first), inbound(by) {}

  PacketInbound& inbound;
  std::array<Reader, 2> readers{Reader(*this, Family::v4), Reader(*this, Family::v6)};
  unsigned reading = 0;  // how many of them wait
};

/// Suspends until nothing waits for answers.
struct PacketInbound::AllEnded {
  PacketInbound& inbound;
  bool await_ready() const noexcept { return inbound.reading_ == 0; }
  void await_suspend(std::coroutine_handle<> joiner) { inbound.joiner_ = joiner; }
  void await_resume() const noexcept {}
};

PacketInbound::PacketInbound(relay::Environment& env, const PacketRules& rules, unsigned number,
                             std::unique_ptr<net::Datagram> socket)
    : env_(env),
      rules_(rules),
      number_(number),
      overhead_(protocol::max_packet_overhead(rules.credentials.method(), 0)),
      socket_(std::move(socket)),
      packets_(rules.credentials, env.keys, env.entropy, rules.salts, rules.stamps),
      table_(
          env.timers, rules.counts, rules.limits, env.counters.associations,
          [](Association& association) { association.cancel(); },
          [this](Association& association) {
            rules_.directory.release(association.key);
            rules_.stamps.forget(association.session.newest_stamp());
            if (static_cast<Served&>(association).reading > 0) leaving_.insert(association.shared_from_this());
          },
          rules.hash),
      sender_(env, rules.policy, rules.ipv6_first, [this](TargetSockets& from, Family family) {
        auto& association = static_cast<Served&>(from);
        ++association.reading;
        ++reading_;
        await_answers(association, family);
      }) {}

net::Task<> PacketInbound::run() {
  relay::LiveSession session(env_.sessions);
  session.datagram = socket_.get();
  while (!session.stopping()) {
    const WaitOutcome outcome = co_await net::ready(*socket_, Side::read);
    if (outcome == WaitOutcome::ready) serve_batch();
  }
  stopping_ = true;
  table_.remove_all();
  co_await AllEnded{*this};
}

protocol::ServerPacketSession* PacketInbound::find(std::size_t user, std::uint64_t session_id) {
  found_ = table_.find({user, session_id, {}});
  return found_ ? &found_->session : nullptr;
}

void PacketInbound::serve_batch() {
  DatagramScratch::Turn turn(env_.datagram_scratch);
  SendBatch batch(turn, env_, env_.counters.packets_up);
  const std::span<Received> datagrams = turn.receive(*socket_);
  const Moment now = this->now();
  for (const Received& datagram : datagrams) {
    try {
      serve(datagram, now, batch);
    } catch (const std::bad_alloc&) {
      env_.counters.packets_dropped.add();
    }
  }
  found_ = nullptr;
}

void PacketInbound::serve(const Received& datagram, const Moment& now, SendBatch& batch) {
  found_ = nullptr;
  std::size_t likely_user = 0;
  if (!rules_.credentials.method().is_2022()) {
    found_ = table_.find({0, 0, datagram.from});
    if (found_) likely_user = found_->session.user();
  }
  const Result<ClientPacket> packet = packets_.open(datagram.bytes, now.unix, now.mono, *this, likely_user);
  if (!packet) return note_refused(datagram, packet.error());
  const std::shared_ptr<Association> association = association_of(datagram, *packet);
  if (!association) return;
  // Not by one that was held back on its way: whoever did that would choose where the answers go (RFC 9000
  // section 9.3).
  if (association->session.is_newest(packet->packet_id)) association->path = {datagram.from, datagram.to};
  pass_on(*association, packet->content.address, packet->content.payload, now.mono, batch);
}

void PacketInbound::note_refused(const Received& datagram, Errc error) {
  env_.counters.packets_refused.add();
  if (error == Errc::repeated_packet || error == Errc::repeated_salt) env_.counters.packets_replayed.add();
  // Garbage allocates nothing, an address as text included.
  if (telemetry::log_level() > telemetry::Level::debug) return;
  telemetry::log_debug("{}: packet refused: {}", datagram.from.to_string(), describe(error));
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
  const unsigned lives_on = rules_.directory.claim(key, number_);
  if (lives_on != number_) {
    hand_over(lives_on, key, datagram, packet);
    return nullptr;
  }
  std::shared_ptr<Association> association = begin(key, packet);
  if (!association) rules_.directory.release(key);
  return association;
}

std::shared_ptr<Association> PacketInbound::begin(const AssociationKey& key, const ClientPacket& packet) {
  const auto association = std::make_shared<Served>(*this, key, packet);
  if (table_.insert(association)) return association;
  env_.counters.packets_dropped.add();
  return nullptr;
}

void PacketInbound::hand_over(unsigned to, const AssociationKey& key, const Received& datagram,
                              const ClientPacket& packet) {
  if (env_.held_total.high() || !rules_.directory.reserve(to)) return env_.counters.packets_dropped.add();
  const ConstBytes payload = packet.content.payload;
  try {
    rules_.directory.hand_over(to, {key,
                                    packet.packet_id,
                                    packet.content.stamp,
                                    packet.content.address,
                                    ByteVector(payload.begin(), payload.end()),
                                    {datagram.from, datagram.to}});
  } catch (...) {
    rules_.directory.taken(to);
    throw;
  }
}

void PacketInbound::take_over(const RoamedPacket& packet) {
  rules_.directory.taken(number_);
  if (stopping_) return;
  const std::shared_ptr<Association> association = table_.find(packet.key);
  if (!association) return env_.counters.packets_dropped.add();
  if (!association->session.commit(packet.packet_id, packet.stamp)) {
    env_.counters.packets_refused.add();
    env_.counters.packets_replayed.add();
    return;
  }
  if (association->session.is_newest(packet.packet_id)) association->path = packet.path;
  DatagramScratch::Turn turn(env_.datagram_scratch);
  SendBatch batch(turn, env_, env_.counters.packets_up);
  pass_on(*association, packet.target, packet.payload, env_.clock.now(), batch);
}

void PacketInbound::pass_on(Association& association, const TargetAddress& target, ConstBytes payload, MonoTime now,
                            SendBatch& batch) {
  if (target.port() == kDnsPort) {
    association.dns_until = now + kAnswerExpected;
  } else {
    association.only_dns = false;
  }
  if (!table_.touch(association, now)) return env_.counters.packets_dropped.add();
  sender_.send(association, target, payload, batch);
}

void PacketInbound::await_answers(Served& association, Family family) {
  const auto index = static_cast<std::size_t>(family);
  association.sockets[index]->wait(Side::read, association.readers[index]);
}

void PacketInbound::read_answers(Served& association, Family family, WaitOutcome outcome) {
  std::unique_ptr<net::Datagram>& socket = association.sockets[static_cast<std::size_t>(family)];
  if (outcome == WaitOutcome::ready && association.awake()) {
    answer_batch(association, *socket);
    return await_answers(association, family);
  }
  socket.reset();
  // The association may go with this.
  if (--association.reading == 0) leaving_.erase(association.shared_from_this());
  if (--reading_ == 0 && joiner_) std::exchange(joiner_, {}).resume();
}

void PacketInbound::answer_batch(Association& association, net::Datagram& from) {
  DatagramScratch::Turn turn(env_.datagram_scratch);
  SendBatch batch(turn, env_, env_.counters.packets_down);
  const std::span<Received> answers = turn.receive(from);
  const Moment now = this->now();
  const bool asked = now.mono < association.dns_until;
  for (const Received& answer : answers) {
    const Endpoint source = association.source(answer.from);
    const Bytes room = batch.room(*socket_, answer.bytes.size() + overhead_);
    const std::size_t length = association.session.seal(packets_, source, answer.bytes, now.unix, asked, room);
    if (length == 0 || length > protocol::kMaxDatagram) {
      env_.counters.packets_dropped.add();
      if (length > 0)
        relay::note_too_long(env_, 1, answer.bytes.size(), answer.bytes.size() - (length - protocol::kMaxDatagram));
      continue;
    }
    batch.add(*socket_, {room.first(length), association.path.client, association.path.local});
  }
}

net::Task<> serve_packets(relay::Environment& env, const PacketRules& rules, PostToWorker post,
                          std::unique_ptr<net::Datagram> socket) {
  // Packets that are under way to this inbound when it ends find nobody.
  const auto here = std::make_shared<PacketInbound*>(nullptr);
  const unsigned number = rules.directory.attach([post = std::move(post), here](RoamedPacket&& packet) {
    post([here, moved = std::make_shared<RoamedPacket>(std::move(packet))] {
      if (*here != nullptr) (*here)->take_over(*moved);
    });
  });
  PacketInbound inbound(env, rules, number, std::move(socket));
  *here = &inbound;
  co_await inbound.run();
  *here = nullptr;
}

}  // namespace ss::server
