#include "udp_association.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "client_port.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/dial_control.hpp"
#include "ss/net/resolve_all.hpp"
#include "ss/ops/errno_text.hpp"
#include "ss/protocol/packet.hpp"
#include "ss/protocol/socks5_udp.hpp"
#include "ss/relay/send_batch.hpp"
#include "ss/relay/too_long.hpp"
#include "ss/telemetry/log.hpp"
#include "uot_carrier.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using net::Received;
using net::Side;
using net::WaitOutcome;
using protocol::PacketContent;
using relay::DatagramScratch;
using relay::Environment;
using relay::LiveSession;
using relay::SendBatch;

namespace {

/// One application's datagrams as packets of ss-server, both ways.
class UdpAssociation {
 public:
  /// @param server  a socket that talks to ss-server alone.
  UdpAssociation(Environment& env, LiveSession& session, const SessionRules& rules, protocol::ClientPacketKeys& keys,
                 ClientPort& client, std::unique_ptr<net::Datagram> server)
      : env_(env),
        session_(session),
        packets_(keys),
        overhead_(protocol::max_packet_overhead(rules.credentials.method(), rules.credentials.identity_keys().size())),
        client_(client),
        server_socket_(std::move(server)) {}

  /// Relays until `stop`.
  net::Task<> run() {
    net::Task<> up = run_up();
    net::Task<> down = run_down();
    up.start();
    down.start();
    co_await up;
    co_await down;
  }
  void stop() {
    stopping_ = true;
    client_.socket().cancel();
    server_socket_->cancel();
  }

 private:
  net::Task<> run_up() {
    while (!stopping_) {
      const WaitOutcome outcome = co_await net::ready(client_.socket(), Side::read);
      if (outcome == WaitOutcome::ready) send_up();
    }
  }
  net::Task<> run_down() {
    while (!stopping_) {
      const WaitOutcome outcome = co_await net::ready(*server_socket_, Side::read);
      if (outcome == WaitOutcome::ready) send_down();
    }
  }

  void send_up() {
    DatagramScratch::Turn turn(env_.datagram_scratch);
    SendBatch batch(turn, env_, env_.counters.packets_up);
    for (const Received& datagram : turn.receive(client_.socket())) {
      const std::optional<ClientPort::Taken> taken = client_.take(datagram);
      if (taken) seal(taken->datagram, taken->payload(), batch);
    }
  }

  void seal(const socks5::UdpDatagram& datagram, ConstBytes payload, SendBatch& batch) {
    const Bytes room = batch.room(*server_socket_, payload.size() + overhead_);
    const std::size_t length =
        packets_.seal(datagram.address, payload, datagram.target.port(), env_.clock.unix_now(), room);
    if (length > protocol::kMaxDatagram) {
      env_.counters.packets_dropped.add();
      relay::note_too_long(env_, 1, payload.size(), payload.size() - (length - protocol::kMaxDatagram));
      return;
    }
    batch.add(*server_socket_, {room.first(length), {}, {}});
  }

  void send_down() {
    DatagramScratch::Turn turn(env_.datagram_scratch);
    SendBatch batch(turn, env_, env_.counters.packets_down);
    for (const Received& packet : turn.receive(*server_socket_)) open(packet.bytes, batch);
  }

  void open(Bytes packet, SendBatch& batch) {
    const Result<PacketContent> content = packets_.open(packet, env_.clock.unix_now(), env_.clock.now());
    if (!content) {
      env_.counters.packets_refused.add();
      const bool repeated = content.error() == Errc::repeated_packet || content.error() == Errc::repeated_salt;
      if (repeated) env_.counters.packets_replayed.add();
      telemetry::log_debug("packet of the server refused: {}", describe(content.error()));
      return;
    }
    if (!client_.client()) return env_.counters.packets_dropped.add();
    session_.touch();
    batch.add(client_.socket(), {with_prefix(packet, content->addressed, batch), *client_.client(), {}});
  }

  /// The address stands in a packet as it does in SOCKS5, so the prefix goes right in front of it, over what has been
  /// read already.
  ConstBytes with_prefix(Bytes packet, Bytes addressed, SendBatch& batch) {
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

  Environment& env_;
  LiveSession& session_;
  protocol::ClientPacketSession packets_;
  const std::size_t overhead_;  // by which a packet is longer than its payload, at most
  ClientPort& client_;
  std::unique_ptr<net::Datagram> server_socket_;
  bool stopping_ = false;
};

/// The address of ss-server, looked up where it is a name.
net::Task<std::optional<Endpoint>> find_server(Environment& env, LiveSession& session, const SessionRules& rules) {
  const TargetAddress& server = rules.server;
  if (!server.is_domain()) co_return Endpoint{server.ip().unmapped(), server.port()};
  net::DialControl control;
  session.dial = &control;
  const net::ResolveAnswer answer = co_await net::resolve_all(env.resolver, env.timers, server.domain(), {}, &control);
  session.dial = nullptr;
  if (answer.status != net::ResolveStatus::found) co_return std::nullopt;
  co_return net::interleave(answer.addresses, server.port(), rules.ipv6_first).front();
}

/// Reads and discards until the control connection ends (RFC 1928 section 6: the association ends with it).
net::Task<> await_end(Environment& env, LiveSession& session, net::Stream& control) {
  bool open = true;
  while (open && !session.stopping()) {
    const WaitOutcome outcome = co_await net::ready(control, Side::read);
    if (outcome == WaitOutcome::cancelled) continue;
    const relay::Scratch::Turn turn(env.scratch);
    const net::IoStatus status = control.try_read(turn.area()).status;
    open = status == net::IoStatus::done || status == net::IoStatus::blocked;
  }
}

/// Runs what carries the association until its control connection ends.
template <class Carrier>
net::Task<> run_beside(Environment& env, LiveSession& session, net::Stream& control, Carrier& carrier) {
  net::Task<> carrying = carrier.run();
  carrying.start();
  co_await await_end(env, session, control);
  carrier.stop();
  co_await carrying;
}

net::Task<> refuse_association(Environment& env, LiveSession& session, net::Stream& control, socks5::Reply reply,
                               std::string_view why) {
  env.counters.dial_failures.add();
  const std::optional<std::uint64_t> left_out = env.dial_log.admit(env.clock.now());
  if (left_out) telemetry::log_warn("no UDP association: {} ({} more like this)", why, *left_out);
  const ReplyBytes failure(reply, Endpoint{});
  co_await refuse(env, session, control, failure.view());
}

}  // namespace

net::Task<> serve_association(Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys,
                              LiveSession& session, net::Stream& control, TargetAddress named) {
  const bool over_tcp = rules.udp_over_tcp == config::UdpOverTcp::on;
  int error = 0;
  std::unique_ptr<net::Datagram> server_socket;
  if (!over_tcp) {
    const std::optional<Endpoint> server = co_await find_server(env, session, rules);
    if (session.stopping()) co_return;
    if (!server) {
      co_await refuse_association(env, session, control, socks5::Reply::host_unreachable,
                                  "the server's name cannot be resolved");
      co_return;
    }
    server_socket = env.datagrams.open_connected(*server, error);
  }
  std::unique_ptr<net::Datagram> client_socket;
  if (error == 0) client_socket = env.datagrams.open_bound({control.local_endpoint().address, 0}, error);
  if (!client_socket) {
    co_await refuse_association(env, session, control, socks5::Reply::general_failure, ops::errno_text(error));
    co_return;
  }
  Endpoint bound = client_socket->local_endpoint();
  if (rules.advertised) bound.address = *rules.advertised;
  const ReplyBytes success(socks5::Reply::succeeded, bound);
  if (!say(control, success.view())) co_return;

  env.counters.associations.add();
  session.relaying();
  ClientPort client(env, session, std::move(client_socket), control.peer_endpoint(), named);
  if (over_tcp) {
    UotCarrier carrier(env, rules, client);
    co_await run_beside(env, session, control, carrier);
  } else {
    UdpAssociation carrier(env, session, rules, keys, client, std::move(server_socket));
    co_await run_beside(env, session, control, carrier);
  }
  env.counters.associations.sub();
}

}  // namespace ss::local
