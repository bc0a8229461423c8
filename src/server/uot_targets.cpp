#include "uot_targets.hpp"

#include <array>

namespace ss::server {

namespace uot = protocol::uot;
using protocol::Parsed;

UotTargets::UotTargets(relay::Environment& env, const relay::TargetPolicy& policy, bool ipv6_first,
                       uot::Version version, Duration idle)
    : UotStream(env, env.counters.packets_down, env.counters.packets_up, idle),
      sender_(env, policy, ipv6_first,
              [this](TargetSockets& from, net::Family family) {
                listen_to(*from.sockets[static_cast<std::size_t>(family)]);
              }),
      sockets_(std::make_shared<TargetSockets>()),
      awaits_request_(version == uot::Version::v2) {}

Parsed<std::size_t> UotTargets::take(ConstBytes bytes, relay::SendBatch& batch) {
  if (awaits_request_) return take_request(bytes);
  const Parsed<uot::Frame> parsed = uot::parse_frame(bytes, peer_ ? uot::Framing::connected : uot::Framing::addressed);
  if (parsed.failed()) return parsed.error();
  if (parsed.needs_more()) return protocol::Need{parsed.need()};
  const uot::Frame& frame = parsed.value();
  if (frame.sendable) {
    sender_.send(*sockets_, peer_ ? *peer_ : *frame.address, frame.payload, batch);
  } else {
    env_.counters.packets_dropped.add();
  }
  return frame.length;
}

Parsed<std::size_t> UotTargets::take_request(ConstBytes bytes) {
  Parsed<uot::Request> parsed = uot::parse_request(bytes);
  if (parsed.failed()) return parsed.error();
  if (parsed.needs_more()) return protocol::Need{parsed.need()};
  awaits_request_ = false;
  if (parsed.value().framing == uot::Framing::connected) {
    peer_ = std::move(parsed.value().address);
    sockets_->one_target = true;
  }
  return parsed.value().length;
}

bool UotTargets::frame(const net::Received& datagram, relay::FrameWriter& out) {
  std::array<std::uint8_t, uot::kMaxFrameHeader> room;
  std::size_t length = 0;
  if (peer_) {
    if (!is_peer(datagram.from)) return false;
    length = uot::put_frame_header(datagram.bytes.size(), room);
  } else {
    const Endpoint source = sockets_->source(datagram.from);
    length = uot::put_frame_header({source.address, source.port}, datagram.bytes.size(), room);
  }
  out.put(ConstBytes(room).first(length));
  out.put(datagram.bytes);
  return true;
}

bool UotTargets::is_peer(const Endpoint& from) const {
  if (from.port != peer_->port()) return false;
  if (!peer_->is_domain()) return from.address == peer_->ip().unmapped();
  return sockets_->name && from.address == sockets_->name->address;
}

}  // namespace ss::server
