#include "udp/packet_carrier.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "ss/protocol/packet.hpp"
#include "ss/relay/too_long.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using net::Received;
using net::Side;
using net::WaitOutcome;
using protocol::PacketContent;
using relay::DatagramScratch;
using relay::SendBatch;

PacketCarrier::PacketCarrier(relay::Environment& env, relay::LiveSession& session, const SessionRules& rules,
                             protocol::ClientPacketKeys& keys, ClientPort& client,
                             std::unique_ptr<net::Datagram> server, CarrierChoice* choice)
    : env_(env),
      session_(session),
      server_(rules.server),
      packets_(keys),
      overhead_(
          protocol::max_packet_overhead(server_.credentials().method(), server_.credentials().identity_keys().size())),
      client_(client),
      server_socket_(std::move(server)),
      choice_(choice) {}

net::Task<> PacketCarrier::run() {
  net::Task<> up = run_up();
  net::Task<> down = run_down();
  up.start();
  down.start();
  co_await up;
  co_await down;
}

void PacketCarrier::stop() {
  stopping_ = true;
  client_.socket().cancel();
  server_socket_->cancel();
}

net::Task<> PacketCarrier::run_up() {
  while (!stopping_) {
    const WaitOutcome outcome = co_await net::ready(client_.socket(), Side::read);
    if (outcome == WaitOutcome::ready) send_up();
  }
}

net::Task<> PacketCarrier::run_down() {
  while (!stopping_) {
    const WaitOutcome outcome = co_await net::ready(*server_socket_, Side::read);
    if (outcome == WaitOutcome::ready) send_down();
  }
}

void PacketCarrier::send_up() {
  DatagramScratch::Turn turn(env_.datagram_scratch);
  SendBatch batch(turn, env_, env_.counters.packets_up);
  bool any = false;
  for (const Received& datagram : turn.receive(client_.socket())) {
    const std::optional<ClientPort::Taken> taken = client_.take(datagram);
    if (!taken) continue;
    seal(taken->datagram, taken->payload(), batch);
    any = true;
  }
  if (any && choice_ != nullptr) choice_->sent();
}

void PacketCarrier::seal(const socks5::UdpDatagram& datagram, ConstBytes payload, SendBatch& batch) {
  const Bytes room = batch.room(*server_socket_, payload.size() + overhead_);
  const std::size_t length =
      packets_.seal(datagram.address, payload, datagram.target.port(), server_.clock().now(env_.clock), room);
  if (length > protocol::kMaxDatagram) {
    env_.counters.packets_dropped.add();
    relay::note_too_long(env_, 1, payload.size(), payload.size() - (length - protocol::kMaxDatagram));
    return;
  }
  batch.add(*server_socket_, {room.first(length), {}, {}});
}

void PacketCarrier::send_down() {
  DatagramScratch::Turn turn(env_.datagram_scratch);
  SendBatch batch(turn, env_, env_.counters.packets_down);
  bool any = false;
  for (const Received& packet : turn.receive(*server_socket_)) any |= open(packet.bytes, batch);
  if (any && choice_ != nullptr) choice_->heard();
}

/// @return  whether the packet is the server's.
bool PacketCarrier::open(Bytes packet, SendBatch& batch) {
  const Result<PacketContent> content = packets_.open(packet, server_.clock().now(env_.clock), env_.clock.now());
  if (!content) {
    env_.counters.packets_refused.add();
    const bool repeated = content.error() == Errc::repeated_packet || content.error() == Errc::repeated_salt;
    if (repeated) env_.counters.packets_replayed.add();
    telemetry::log_debug("packet of the server refused: {}", describe(content.error()));
    return false;
  }
  if (!client_.client()) {
    env_.counters.packets_dropped.add();
    return true;
  }
  session_.touch();
  batch.add(client_.socket(), {with_prefix(packet, content->addressed, batch), *client_.client(), {}});
  return true;
}

/// The address stands in a packet as it does in SOCKS5, so the prefix goes right in front of it, over what has been
/// read already.
ConstBytes PacketCarrier::with_prefix(Bytes packet, Bytes addressed, SendBatch& batch) {
  const auto before = static_cast<std::size_t>(addressed.data() - packet.data());
  if (before >= socks5::kUdpPrefix) {
    const Bytes whole = packet.subspan(before - socks5::kUdpPrefix, socks5::kUdpPrefix + addressed.size());
    socks5::put_udp_prefix(whole);
    return whole;
  }
  const Bytes whole = batch.room(client_.socket(), socks5::kUdpPrefix + addressed.size());
  socks5::put_udp_prefix(whole);
  std::copy(addressed.begin(), addressed.end(), whole.begin() + socks5::kUdpPrefix);
  return whole;
}

}  // namespace ss::local
