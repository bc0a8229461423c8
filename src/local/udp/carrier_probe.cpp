#include "udp/carrier_probe.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <utility>

#include "proxied_stream.hpp"
#include "servers/find_server.hpp"
#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/packet.hpp"
#include "ss/protocol/uot.hpp"
#include "ss/relay/connect.hpp"
#include "ss/relay/uot_stream.hpp"

namespace ss::local {

using namespace std::chrono_literals;
namespace uot = ss::protocol::uot;
using net::Side;
using net::WaitOutcome;
using protocol::Parsed;
using relay::Environment;
using relay::LiveSession;

namespace {

/// Resolvers that any server may be expected to reach, of two operators.
constexpr std::array<IpAddress::V4, 2> kResolvers{{{1, 1, 1, 1}, {8, 8, 8, 8}}};
constexpr std::uint16_t kDnsPort = 53;

/// How long each of the packets is waited for.
constexpr std::array<Duration, 3> kPacketWaits{1s, 1s, 2s};
/// For the connection and the answer through it.
constexpr Duration kTcpWait = 5s;

TargetAddress resolver(std::size_t turn) {
  return {IpAddress(kResolvers[turn % kResolvers.size()]), kDnsPort};
}

/// RFC 1035 section 4.1: one question, recursion desired, for the NS records of the root.
using Query = std::array<std::uint8_t, 17>;
Query query_for_root(Entropy& entropy) {
  Query query{0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, /* root */ 0, /* NS */ 0, 2, /* IN */ 0, 1};
  entropy.fill(Bytes(query).first(2));
  return query;
}

/// Does something when its time is over, unless it has gone before.
class After final : private net::Timer {
 public:
  After(net::Timers& timers, Duration time, std::function<void()> deed) : deed_(std::move(deed)) {
    timers.start(*this, time);
  }

 private:
  void expired() noexcept override { deed_(); }
  std::function<void()> deed_;
};

void send_query(Environment& env, const SessionRules& rules, protocol::ClientPacketSession& packets,
                net::Datagram& socket, const TargetAddress& target) {
  std::array<std::uint8_t, protocol::kMaxAddressLength> address;
  const std::size_t address_length = protocol::put_address(target, address);
  const Query query = query_for_root(env.entropy);
  ByteVector packet(query.size() + protocol::max_packet_overhead(rules.server.credentials().method(),
                                                                 rules.server.credentials().identity_keys().size()));
  packet.resize(packets.seal(ConstBytes(address).first(address_length), query, target.port(),
                             rules.server.clock().now(env.clock), packet));
  const net::Outgoing datagram{packet, {}, {}};
  // Lost here or on the way: it is asked again.
  socket.try_send({&datagram, 1});
}

bool heard_server(Environment& env, const SessionRules& rules, protocol::ClientPacketSession& packets,
                  net::Datagram& socket) {
  relay::DatagramScratch::Turn turn(env.datagram_scratch);
  const std::span<net::Received> received = turn.receive(socket);
  return std::any_of(received.begin(), received.end(), [&](const net::Received& packet) {
    return packets.open(packet.bytes, rules.server.clock().now(env.clock), env.clock.now()).has_value();
  });
}

/// Stands where an application would: takes frames, and ends the session with the first.
class AnswerStream final : public relay::UotStream {
 public:
  AnswerStream(Environment& env, LiveSession& session)
      : UotStream(env, env.counters.packets_up, env.counters.packets_down, Duration::zero()), session_(session) {}

  [[nodiscard]] bool answered() const { return answered_; }

 private:
  bool frame(const net::Received& /*datagram*/, relay::FrameWriter& /*out*/) override { return false; }
  Parsed<std::size_t> take(ConstBytes bytes, relay::SendBatch& /*batch*/) override {
    const Parsed<uot::Frame> parsed = uot::parse_frame(bytes, uot::Framing::addressed);
    if (parsed.failed()) return parsed.error();
    if (parsed.needs_more()) return protocol::Need{parsed.need()};
    answered_ = true;
    session_.stop();
    return parsed.value().length;
  }
  void cancel_sockets() override {}

  LiveSession& session_;
  bool answered_ = false;
};

/// The request for UDP over TCP, and the question to each resolver.
ByteVector first_frames(Entropy& entropy) {
  std::array<std::uint8_t, uot::kMaxFrameHeader> header;
  const std::size_t request = uot::put_request(uot::Framing::addressed, TargetAddress(), header);
  ByteVector bytes(header.begin(), header.begin() + request);
  for (std::size_t turn = 0; turn < kResolvers.size(); ++turn) {
    const Query query = query_for_root(entropy);
    const std::size_t length = uot::put_frame_header(resolver(turn), query.size(), header);
    bytes.insert(bytes.end(), header.begin(), header.begin() + length);
    bytes.insert(bytes.end(), query.begin(), query.end());
  }
  return bytes;
}

}  // namespace

net::Task<std::optional<Endpoint>> CarrierProbe::by_packets() {
  LiveSession session(env_.sessions);
  session.admitted();
  session_ = &session;
  std::optional<Endpoint> server = co_await find_server(env_, session, rules_);
  bool answered = false;
  if (server && !session.stopping()) {
    int error = 0;
    const std::unique_ptr<net::Datagram> socket = env_.datagrams.open_connected(*server, error);
    session.datagram = socket.get();
    if (socket) answered = co_await ask(session, *socket);
    session.datagram = nullptr;
  }
  session_ = nullptr;
  if (!answered) server.reset();
  co_return server;
}

net::Task<bool> CarrierProbe::ask(LiveSession& session, net::Datagram& socket) {
  protocol::ClientPacketSession packets(keys_);
  for (std::size_t turn = 0; turn < kPacketWaits.size(); ++turn) {
    send_query(env_, rules_, packets, socket, resolver(turn));
    bool over = false;
    const After limit(env_.timers, kPacketWaits[turn], [&over, &socket] {
      over = true;
      socket.cancel();
    });
    while (!over && !session.stopping()) {
      const WaitOutcome outcome = co_await net::ready(socket, Side::read);
      if (outcome == WaitOutcome::ready && heard_server(env_, rules_, packets, socket)) co_return true;
    }
    if (session.stopping()) break;
  }
  co_return false;
}

net::Task<bool> CarrierProbe::by_tcp() {
  LiveSession session(env_.sessions);
  session.admitted();
  session_ = &session;
  const After limit(env_.timers, kTcpWait, [&session] { session.stop(); });
  AnswerStream answer(env_, session);
  const net::DialResult server =
      co_await relay::connect(env_, session, rules_.server.address(), rules_.dial, rules_.ipv6_first);
  if (server.stream) {
    session.client = &answer;
    session.upstream = server.stream.get();
    StreamStart start{uot::magic_target(uot::Version::v2), first_frames(env_.entropy)};
    co_await relay_through(env_, session, rules_, std::move(start));
  }
  co_await answer.close();
  session_ = nullptr;
  co_return answer.answered();
}

void CarrierProbe::stop() {
  if (session_ != nullptr) session_->stop();
}

}  // namespace ss::local
