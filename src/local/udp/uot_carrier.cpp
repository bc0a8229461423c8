#include "udp/uot_carrier.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "proxied_stream.hpp"
#include "servers/server_link.hpp"
#include "ss/protocol/client_handshake.hpp"
#include "ss/protocol/packet.hpp"
#include "ss/protocol/uot.hpp"
#include "ss/relay/connect.hpp"
#include "ss/relay/uot_stream.hpp"

namespace ss::local {

using namespace std::chrono_literals;
namespace socks5 = ss::protocol::socks5;
namespace uot = ss::protocol::uot;
using net::Side;
using net::WaitOutcome;
using protocol::Parsed;

namespace {

/// How long datagrams stay in the client's socket where the server could not be reached, or ended the connection
/// without an answer: twice as long each time.
constexpr Duration kFirstPause = 1s;
constexpr Duration kLongestPause = 60s;

/// The client's datagrams as the stream that is sealed towards the server: the request, then frames.
class UotClient final : public relay::UotStream {
 public:
  UotClient(relay::Environment& env, ClientPort& client)
      : UotStream(env, env.counters.packets_up, env.counters.packets_down, Duration::zero()), client_(client) {
    listen_to(client.socket());
  }
  /// Whether a frame of the server has come.
  [[nodiscard]] bool answered() const { return answered_; }

 private:
  bool frame(const net::Received& datagram, relay::FrameWriter& out) override {
    const std::optional<ClientPort::Taken> taken = client_.take(datagram);
    if (!taken) return false;
    const TargetAddress& target = taken->datagram.target;
    std::array<std::uint8_t, uot::kMaxFrameHeader> room;
    static_assert(uot::kMaxRequest <= uot::kMaxFrameHeader);
    if (!std::exchange(requested_, true)) {
      // The hint is nobody: where it names somebody, sing-box opens a socket of that family alone.
      out.put(ConstBytes(room).first(uot::put_request(uot::Framing::addressed, TargetAddress(), room)));
    }
    const ConstBytes payload = taken->payload();
    out.put(ConstBytes(room).first(uot::put_frame_header(target, payload.size(), room)));
    out.put(payload);
    return true;
  }

  Parsed<std::size_t> take(ConstBytes bytes, relay::SendBatch& batch) override {
    const Parsed<uot::Frame> parsed = uot::parse_frame(bytes, uot::Framing::addressed);
    if (parsed.failed()) return parsed.error();
    if (parsed.needs_more()) return protocol::Need{parsed.need()};
    answered_ = true;
    answer(parsed.value(), batch);
    return parsed.value().length;
  }

  void answer(const uot::Frame& frame, relay::SendBatch& batch) {
    std::array<std::uint8_t, socks5::kMaxUdpHeader> header;
    const std::size_t length = socks5::put_udp_header(*frame.address, header);
    const std::size_t whole = length + frame.payload.size();
    if (!frame.sendable || whole > protocol::kMaxDatagram || !client_.client()) {
      return env_.counters.packets_dropped.add();
    }
    const Bytes room = batch.room(client_.socket(), whole);
    std::copy_n(header.begin(), length, room.begin());
    std::copy(frame.payload.begin(), frame.payload.end(), room.subspan(length).begin());
    batch.add(client_.socket(), {room.first(whole), *client_.client(), {}});
  }

  void cancel_sockets() override { client_.socket().cancel(); }

  ClientPort& client_;
  bool requested_ = false;
  bool answered_ = false;
};

/// What has come so far, as much as a first flight takes.
ByteVector read_first(relay::Environment& env, net::Stream& datagrams) {
  const relay::Scratch::Turn turn(env.scratch);
  const Bytes room = turn.area().first(protocol::ClientHandshake::kMaxFirstPayload);
  const Bytes read = room.first(datagrams.try_read(room).bytes);
  return {read.begin(), read.end()};
}

}  // namespace

net::Task<> UotCarrier::run() {
  stopping_ = false;
  Duration next_pause = kFirstPause;
  while (!stopping_) {
    UotClient datagrams(env_, client_);
    datagrams_ = &datagrams;
    ByteVector first;
    while (first.empty() && !stopping_) {
      const WaitOutcome outcome = co_await net::ready(datagrams, Side::read);
      if (outcome == WaitOutcome::ready) first = read_first(env_, datagrams);
    }
    if (!first.empty()) co_await carry(datagrams, std::move(first));
    datagrams_ = nullptr;
    co_await datagrams.close();
    if (datagrams.answered()) {
      next_pause = kFirstPause;
    } else if (!stopping_) {
      net::Sleep pause(env_.timers, std::exchange(next_pause, std::min<Duration>(2 * next_pause, kLongestPause)));
      pause_ = &pause;
      co_await pause;
      pause_ = nullptr;
    }
  }
}

net::Task<> UotCarrier::carry(net::Stream& datagrams, ByteVector first) {
  // Not the control connection's: that outlives this one.
  relay::LiveSession session(env_.sessions);
  session.admitted();
  session_ = &session;
  const net::DialResult server =
      co_await relay::connect(env_, session, rules_.server.address(), rules_.dial, rules_.ipv6_first);
  if (server.stream) {
    session.client = &datagrams;
    session.upstream = server.stream.get();
    StreamStart start{uot::magic_target(uot::Version::v2), std::move(first)};
    co_await relay_through(env_, session, rules_, std::move(start));
  } else if (!session.stopping()) {
    note_unreachable(env_, rules_.server, server.cause, 1);
  }
  session_ = nullptr;
}

void UotCarrier::stop() {
  stopping_ = true;
  if (session_ != nullptr) session_->stop();
  if (datagrams_ != nullptr) datagrams_->cancel();
  if (pause_ != nullptr) pause_->cancel();
}

}  // namespace ss::local
