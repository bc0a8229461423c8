#include "udp/client_port.hpp"

#include <utility>

namespace ss::local {

namespace socks5 = ss::protocol::socks5;

ClientPort::ClientPort(relay::Environment& env, relay::LiveSession& session, std::unique_ptr<net::Datagram> socket,
                       const Endpoint& peer, const TargetAddress& named)
    : env_(env), session_(session), socket_(std::move(socket)), peer_(peer.address), forget_fragments_(*this) {
  const bool names_peer = !named.is_domain() && (named.ip().unmapped() == peer_ || named.ip() == IpAddress() ||
                                                 named.ip() == IpAddress(IpAddress::V6{}));
  if (names_peer && named.port() != 0) client_ = {peer_, named.port()};
}

std::optional<ClientPort::Taken> ClientPort::take(const net::Received& datagram) {
  std::optional<Taken> taken;
  Result<socks5::UdpDatagram> parsed = Errc::truncated;
  if (is_from_client(datagram.from)) parsed = socks5::parse_udp(datagram.bytes);
  if (!parsed) {
    env_.counters.packets_refused.add();
    return taken;
  }
  // Only now: a stray datagram must not take the port for itself. What RSV says is passed over otherwise, as peers do.
  const bool reserved_is_zero = datagram.bytes[0] == 0 && datagram.bytes[1] == 0;
  if (!client_ && !reserved_is_zero) {
    env_.counters.packets_refused.add();
    return taken;
  }
  client_ = datagram.from;
  session_.touch();
  if (parsed->fragment == 0) {
    fragments_.abandon();
    taken = Taken{std::move(*parsed), std::nullopt};
  } else if (env_.held_total.high()) {
    fragments_.abandon();
    env_.counters.packets_dropped.add();
  } else {
    std::optional<ByteVector> joined = fragments_.take(*parsed, env_.timers.now());
    if (joined) taken = Taken{std::move(*parsed), std::move(joined)};
  }
  if (fragments_.empty()) {
    forget_fragments_.stop();
  } else if (!forget_fragments_.running()) {
    env_.timers.start(forget_fragments_, socks5::FragmentQueue::kTimer);
  }
  return taken;
}

void ClientPort::expire_fragments() {
  fragments_.expire(env_.timers.now());
  // Another sequence has begun since the timer was started. Timers of one length are cheap: it is freed a little late.
  if (!fragments_.empty()) env_.timers.start(forget_fragments_, socks5::FragmentQueue::kTimer);
}

bool ClientPort::is_from_client(const Endpoint& from) const {
  return client_ ? from == *client_ : from.address == peer_;
}

}  // namespace ss::local
