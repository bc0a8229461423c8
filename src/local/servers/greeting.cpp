#include "servers/greeting.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "ss/net/deadline.hpp"
#include "ss/protocol/client_handshake.hpp"
#include "ss/protocol/pair/frame.hpp"
#include "ss/protocol/pair/operation.hpp"
#include "ss/relay/connect.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

namespace pair = protocol::pair;
using protocol::ClientHandshake;
using relay::Environment;

namespace {

/// More than salt, header and chunks around the longest frame and a Hello.
constexpr std::size_t kMaxAnswer = 1024;

bool send_hello(Environment& env, ClientHandshake& handshake, UnixSeconds now, net::Stream& connection) {
  const relay::Scratch::Turn turn(env.scratch);
  const Bytes flight = turn.area().first(ClientHandshake::kMaxFirstFlight);
  const std::size_t size = handshake.first_flight(pair::target_of(pair::Operation::hello), {}, now, flight);
  return connection.try_write(flight.first(size)).bytes == size;
}

/// The answer to HELLO, as it comes.
class Answer {
 public:
  Answer(Environment& env, Server& server, protocol::Decoder decoder)
      : env_(env), server_(server), decoder_(std::move(decoder)), asked_(env.clock.since_boot()) {}

  /// Takes what there is. @return false: there is no more to come, or it is told whose it is.
  bool read(net::Stream& connection) {
    const relay::Scratch::Turn turn(env_.scratch);
    const Bytes room = turn.area().first(kMaxAnswer);
    std::copy(sealed_.begin(), sealed_.end(), room.begin());
    const net::IoResult got = connection.try_read(room.subspan(sealed_.size()));
    if (got.status == net::IoStatus::blocked) return true;
    if (got.status != net::IoStatus::done) return false;
    const Bytes wire = room.first(sealed_.size() + got.bytes);
    protocol::Decoder::Payload payload;
    const Result<std::size_t> opened = decoder_.open(wire, server_.clock().now(env_.clock), payload);
    if (!opened) return false;
    sealed_.assign(wire.begin() + static_cast<std::ptrdiff_t>(*opened), wire.end());
    for (const ConstBytes span : payload.view()) text_.insert(text_.end(), span.begin(), span.end());
    return !complete() && sealed_.size() < kMaxAnswer && text_.size() < kMaxAnswer;
  }
  /// Whose it is; nothing where no answer opened.
  [[nodiscard]] std::optional<Kind> kind() const { return kind_; }

 private:
  bool complete() {
    if (text_.empty()) return false;
    server_.heard();
    if (const std::optional<UnixSeconds> stamp = decoder_.server_time()) {
      server_.clock().learn(*stamp, asked_, env_.clock);
    }
    kind_ = decoder_.is_marked() ? Kind::ours : Kind::foreign;
    return true;
  }

  Environment& env_;
  Server& server_;
  protocol::Decoder decoder_;
  const Duration asked_;
  ByteVector sealed_;  // of a chunk that is not whole
  ByteVector text_;
  std::optional<Kind> kind_;
};

std::string_view words_for(std::optional<Kind> kind) {
  if (!kind) return "said nothing that opens";
  return *kind == Kind::ours ? "said that it is ours" : "answered as a stock server does";
}

}  // namespace

net::Task<> greet(Environment& env, const SessionRules& rules, Duration longest) {
  const MonoTime until = env.timers.now() + longest;
  relay::LiveSession session(env.sessions);
  Server& server = rules.server;
  net::DialOptions options = rules.dial;
  options.connect_timeout = std::min({options.connect_timeout, kGreetingTime, longest});
  const net::DialResult dialled = co_await relay::connect(env, session, server.address(), options, rules.ipv6_first);
  const Duration left = until - env.timers.now();
  if (!dialled.stream || left <= Duration::zero()) co_return;
  session.upstream = dialled.stream.get();
  ClientHandshake handshake(server.credentials(), env.keys, env.entropy, true);
  if (!send_hello(env, handshake, server.clock().now(env.clock), *dialled.stream)) co_return;
  Answer answer(env, server, handshake.take_decoder());
  net::Deadline deadline(env.timers, *dialled.stream, std::min(kGreetingTime, left));
  bool more = true;
  while (more && !deadline.passed() && !session.stopping()) {
    const net::WaitOutcome outcome = co_await deadline.ready(net::Side::read);
    if (outcome == net::WaitOutcome::ready) more = answer.read(*dialled.stream);
  }
  if (session.stopping()) co_return;
  if (answer.kind()) {
    server.learn(*answer.kind(), env.clock.since_boot());
  } else {
    // It ends the stream, or says nothing: a stock one, or it has another key. Then nothing it says opens.
    server.presume_foreign();
  }
  telemetry::log_debug("asked whose it is, the server {} {}", server.name(), words_for(answer.kind()));
}

net::Task<> find_ours(Environment& env, relay::LiveSession& asker, const LocalWorker& worker) {
  const auto is_ours = [](const ServerLane& lane) { return lane.rules.server.kind() == Kind::ours; };
  const MonoTime begun = env.timers.now();
  for (const ServerLane& lane : worker.lanes) {
    if (std::any_of(worker.lanes.begin(), worker.lanes.end(), is_ours)) break;
    const Duration left = begun + kSearchTime - env.timers.now();
    if (asker.stopping() || left <= Duration::zero()) break;
    const bool may_be_ours =
        lane.rules.extension && lane.rules.carries_tcp && lane.rules.server.kind() == Kind::unknown;
    if (may_be_ours) co_await greet(env, lane.rules, left);
  }
}

}  // namespace ss::local
