#include "response_gate.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "servers/server_link.hpp"
#include "servers/warm_stream.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

namespace pair = protocol::pair;
namespace socks5 = protocol::socks5;
using protocol::Decoder;
using protocol::Parsed;
using relay::PumpEnd;
using socks5::Reply;

namespace {

/// Copies up to `most` bytes of `payload`'s front behind `into`.
void append_front(const Decoder::Payload& payload, std::size_t most, ByteVector& into) {
  for (const ConstBytes span : payload.view()) {
    const ConstBytes part = span.first(std::min(span.size(), most));
    into.insert(into.end(), part.begin(), part.end());
    most -= part.size();
  }
}

void drop_front(Decoder::Payload& payload, std::size_t n) {
  payload.bytes -= n;
  std::size_t gone = 0;
  while (gone < payload.count && payload.spans[gone].size() <= n) n -= payload.spans[gone++].size();
  std::move(payload.spans.begin() + gone, payload.spans.begin() + payload.count, payload.spans.begin());
  payload.count -= gone;
  if (n > 0) payload.spans[0] = payload.spans[0].subspan(n);
}

}  // namespace

ResponseGate::ResponseGate(relay::Environment& env, relay::LiveSession& session, Server& server, net::Stream& client,
                           const Request& request, std::optional<OwedAnswer> owed)
    : env_(env),
      session_(session),
      server_(server),
      client_(client),
      made_(env.clock.since_boot()),
      warm_(request.warm),
      owed_(owed),
      marked_(request.marked) {
  if (marked_ && (server_.kind() == Kind::ours || (owed_ && owed_->is_bind))) awaiting_ = Awaiting::frame;
  if (owed_) {
    const bool watches = request.wait > Duration::zero() && awaiting_ == Awaiting::answer;
    await(watches ? request.wait : kFrameWait);
  } else if (!server_.was_heard() && request.has_payload) {
    await(kSilence);
  }
}

/// When the request went out most lately, since boot.
Duration ResponseGate::asked() const {
  const std::optional<Duration> sent = warm_ ? warm_->flight_sent() : std::nullopt;
  return sent.value_or(made_);
}

/// Waits so long for an answer that has not begun.
void ResponseGate::await(Duration time) {
  awaited_ = time;
  env_.timers.start(*this, time);
}

/// Whether the request went out again after the time for its answer began to run: then that begins anew.
/// @pre  the timer runs for what await() was given.
bool ResponseGate::was_sent_later() {
  if (!warm_ || begun_) return false;
  const bool to_be_sent = !warm_->flight_sent();
  const Duration left = to_be_sent ? awaited_ : asked() + awaited_ - env_.clock.since_boot();
  if (left <= Duration::zero()) return false;
  env_.timers.start(*this, left);
  return true;
}

void ResponseGate::learn(const Decoder& decoder) {
  begun_ = true;
  server_.heard();
  if (!owed_) stop();  // it is not silent
  if (marked_) server_.learn(decoder.is_marked() ? Kind::ours : Kind::foreign, env_.clock.since_boot());
  if (const std::optional<UnixSeconds> stamp = decoder.server_time())
    server_.clock().learn(*stamp, asked(), env_.clock);
}

relay::ResponseHead::Verdict ResponseGate::opened(const Decoder& decoder, Decoder::Payload& payload) {
  // The client was told of a failure that nothing can take back.
  if (awaiting_ == Awaiting::end) return Verdict::finish;
  if (!begun_) learn(decoder);
  if (marked_ && decoder.is_marked()) return take_frames(payload);
  if (owed_ && owed_->is_bind) return refuse(Reply::command_not_supported);
  return say(Reply::succeeded, owed_ ? owed_->bound : Endpoint{}) ? Verdict::pass : Verdict::fail;
}

relay::ResponseHead::Verdict ResponseGate::take_frames(Decoder::Payload& payload) {
  Verdict verdict = Verdict::wait;
  while (verdict == Verdict::wait && payload.bytes > 0) {
    const std::size_t before = inbox_.size();
    append_front(payload, pair::kMaxFrame - before, inbox_);
    const Parsed<pair::ParsedFrame> parsed = pair::parse_frame(inbox_);
    if (parsed.failed()) return ended(PumpEnd::corrupt);
    if (parsed.needs_more()) {
      drop_front(payload, inbox_.size() - before);
      continue;
    }
    drop_front(payload, parsed.value().length - before);
    inbox_.clear();
    verdict = judge(parsed.value().frame);
  }
  return verdict;
}

relay::ResponseHead::Verdict ResponseGate::judge(const pair::Frame& frame) {
  if (frame.dialling) {
    // Once: a server that says so for ever is not waited for.
    if (owed_ && awaiting_ != Awaiting::true_frame) env_.timers.start(*this, kDialWait);
    awaiting_ = Awaiting::true_frame;
    return Verdict::wait;
  }
  if (frame.reply != Reply::succeeded) return refuse(frame.reply);
  if (owed_ && std::exchange(owed_->is_bind, false)) {
    const OwedAnswer second = *owed_;
    if (!say(Reply::succeeded, frame.bound)) return Verdict::fail;
    owed_ = second;
    awaiting_ = Awaiting::true_frame;
    env_.timers.start(*this, kPeerWait);
    return Verdict::wait;
  }
  inbox_ = ByteVector();
  return say(Reply::succeeded, frame.bound) ? Verdict::pass : Verdict::fail;
}

relay::ResponseHead::Verdict ResponseGate::ended(PumpEnd why) {
  // A client that goes on waiting is told on its behalf already.
  if (awaiting_ == Awaiting::end) return Verdict::finish;
  if (!begun_) complain(why);
  const bool promised = awaiting_ != Awaiting::answer;
  if (owed_ && owed_->is_bind && !begun_) return refuse(Reply::command_not_supported);
  if (!owed_) return promised ? Verdict::fail : Verdict::pass;
  if (promised || why == PumpEnd::corrupt) return refuse(Reply::general_failure);
  // What a stock server does where its target refuses, and where it is cut off.
  return refuse(why == PumpEnd::finished ? Reply::connection_refused : Reply::host_unreachable);
}

void ResponseGate::complain(PumpEnd why) {
  Trouble trouble = Trouble::closed;
  if (why == PumpEnd::lost_from) trouble = Trouble::reset;
  if (why == PumpEnd::corrupt) trouble = Trouble::unopened;
  const bool prompt = env_.clock.since_boot() - asked() <= ServerClock::kPrompt;
  if (prompt && why != PumpEnd::corrupt) server_.clock().refused();
  announce(server_.closed_early(env_.timers.now()));
  // A browser gives connections up all the time; only what ends before anything was ever heard needs a mend.
  if (!server_.was_heard() || owed_) warn(trouble);
}

void ResponseGate::warn(Trouble trouble) {
  const std::optional<std::uint64_t> left_out = env_.throttles.diagnosis.admit(env_.clock.now());
  if (left_out) telemetry::log_warn("{} ({} more like this)", diagnose(trouble, server_), *left_out);
}

relay::ResponseHead::Verdict ResponseGate::refuse(Reply reply) {
  if (!owed_ || !say(reply, Endpoint{})) return Verdict::fail;
  awaiting_ = Awaiting::end;
  env_.timers.start(*this, kRefusalGrace);
  return Verdict::finish;
}

/// @return false: the client does not take it, so it is not there.
bool ResponseGate::say(Reply reply, const Endpoint& bound) {
  if (!owed_) return true;
  stop();
  // SOCKS5 has one reply for a target that is not reached and one that does not answer; after a while it is the latter.
  const bool timed_out = reply == Reply::host_unreachable && awaiting_ == Awaiting::true_frame;
  const AnswerBytes answer(owed_->protocol, reply, bound, timed_out);
  owed_.reset();
  return local::say(client_, answer.view());
}

/// What was promised does not come: the client is told so, and its connection ends with it.
void ResponseGate::refuse_late(Reply reply) {
  if (refuse(reply) == Verdict::finish) {
    client_.shut_write();
  } else {
    session_.stop();
  }
}

void ResponseGate::expired() noexcept {
  if (awaiting_ == Awaiting::end) return session_.stop();
  if (was_sent_later()) return;
  if (!owed_) return warn(Trouble::silent);
  if (owed_->is_bind) return refuse_late(Reply::command_not_supported);
  if (awaiting_ == Awaiting::true_frame) return refuse_late(Reply::host_unreachable);
  if (awaiting_ == Awaiting::frame && server_.kind() == Kind::ours) {
    warn(Trouble::silent);
    announce(server_.silent(env_.timers.now()));
    server_.forget(env_.clock.since_boot());
  }
  awaiting_ = Awaiting::answer;
  if (!say(Reply::succeeded, owed_->bound)) return session_.stop();
  if (!server_.was_heard()) {
    await(std::max(asked() + kSilence - env_.clock.since_boot(), Duration::zero()));
  }
}

}  // namespace ss::local
