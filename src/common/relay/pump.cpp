#include "ss/relay/pump.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace ss::relay {

using net::IoResult;
using net::IoStatus;
using net::Side;
using net::WaitOutcome;

Pump::Pump(Environment& env, LiveSession& session, net::Stream& from, net::Stream& to, telemetry::Counter& payload)
    : env_(env), from_(from), to_(to), unsent_(env.held_total), session_(session), payload_(payload) {}

net::Task<PumpEnd> Pump::run() {
  Step step = attempt(&Pump::begin);
  while (step != Step::over) {
    WaitOutcome outcome = WaitOutcome::cancelled;
    if (!session_.stopping()) {
      if (step == Step::read) {
        outcome = co_await net::ready(from_, Side::read);
      } else {
        outcome = co_await net::ready(to_, Side::write);
      }
    }
    if (outcome == WaitOutcome::cancelled) {
      step = over(PumpEnd::stopped);
    } else if (step == Step::write) {
      step = attempt(&Pump::flush);
    } else {
      step = attempt(&Pump::turn);
    }
  }
  if (end_ == PumpEnd::finished || end_ == PumpEnd::lost_to) {
    session_.half_closed();
  } else {
    session_.stop();
  }
  co_return end_;
}

Pump::Step Pump::attempt(Step (Pump::*step)()) {
  try {
    return (this->*step)();
  } catch (const std::bad_alloc&) {
    return over(PumpEnd::corrupt);
  }
}

Pump::Step Pump::send(std::span<const ConstBytes> spans, std::size_t bytes, bool filled) {
  const IoResult sent = to_.try_write(spans);
  if (sent.status == IoStatus::failed) return over(PumpEnd::lost_to);
  if (sent.bytes == bytes) {
    budget_.written_whole(bytes, filled);
    return Step::read;
  }
  budget_.stopped();
  unsent_.keep(spans, sent.bytes);
  return Step::write;
}

Pump::Step Pump::flush() {
  const IoResult sent = to_.try_write(unsent_.view());
  if (sent.status == IoStatus::failed) return over(PumpEnd::lost_to);
  if (sent.bytes > 0) session_.touch();
  unsent_.drop(sent.bytes);
  return unsent_.empty() ? flushed() : Step::write;
}

std::optional<PumpEnd> Pump::end_of(const IoResult& result, bool clean) {
  switch (result.status) {
    case IoStatus::failed:
      return PumpEnd::lost_from;
    case IoStatus::ended:
      return clean ? PumpEnd::finished : PumpEnd::corrupt;
    default:
      return std::nullopt;
  }
}

Pump::Step Pump::ended(PumpEnd why) {
  if (why == PumpEnd::finished) to_.shut_write();
  return over(why);
}

Pump::Step Pump::over(PumpEnd end) {
  end_ = end;
  return Step::over;
}

void Pump::count_payload(std::size_t bytes) {
  payload_.add(bytes);
  session_.touch();
}

SealPump::SealPump(Environment& env, LiveSession& session, net::Stream& from, net::Stream& to,
                   telemetry::Counter& payload_counter, protocol::Encoder encoder, ConstBytes leftover,
                   ConstBytes behind)
    : Pump(env, session, from, to, payload_counter), encoder_(std::move(encoder)) {
  if (behind.empty()) {
    unsent_.keep(leftover);
    return;
  }
  ByteVector unsent(leftover.begin(), leftover.end());
  seal_behind(behind, unsent);
  unsent_.keep(unsent);
}

void SealPump::seal_behind(ConstBytes payload, ByteVector& unsent) {
  const Scratch::Turn turn(env_.scratch);
  while (!payload.empty() && !spent_) {
    const auto slots = encoder_.layout(turn.area(), payload.size(), encoder_.max_payload());
    std::size_t sealed = 0;
    for (const Bytes slot : slots.spans()) {
      const ConstBytes part = payload.first(std::min(slot.size(), payload.size()));
      std::memcpy(slot.data(), part.data(), part.size());
      payload = payload.subspan(part.size());
      sealed += part.size();
    }
    count_payload(sealed);
    const Result<ConstBytes> wire = encoder_.seal(turn.area(), slots, sealed, env_.clock.unix_now());
    spent_ = !wire;
    if (wire) unsent.insert(unsent.end(), wire->begin(), wire->end());
  }
}

Pump::Step SealPump::begin() {
  if (spent_) return over(PumpEnd::corrupt);
  return unsent_.empty() ? Step::read : Step::write;
}

Pump::Step SealPump::turn() {
  const Scratch::Turn turn(env_.scratch);
  const auto slots = encoder_.layout(turn.area(), budget(), budget_.chunk(encoder_.max_payload()));
  const IoResult got = from_.try_read(slots.spans());
  if (got.status != IoStatus::done) {
    const std::optional<PumpEnd> end = end_of(got, true);
    return end ? ended(*end) : Step::read;
  }
  count_payload(got.bytes);
  const Result<ConstBytes> wire = encoder_.seal(turn.area(), slots, got.bytes, env_.clock.unix_now());
  if (!wire) return over(PumpEnd::corrupt);
  const ConstBytes whole = *wire;
  std::size_t room = 0;
  for (const Bytes slot : slots.spans()) room += slot.size();
  return send(std::span<const ConstBytes>(&whole, 1), whole.size(), got.bytes == room);
}

OpenPump::OpenPump(Environment& env, LiveSession& session, net::Stream& from, net::Stream& to,
                   telemetry::Counter& payload_counter, protocol::Decoder decoder, ConstBytes payload, ConstBytes rest)
    : Pump(env, session, from, to, payload_counter),
      decoder_(std::move(decoder)),
      unopened_(env.held_total),
      rest_unseen_(!rest.empty()) {
  unsent_.keep(payload);
  unopened_.keep(rest);
  if (!payload.empty()) count_payload(payload.size());
}

OpenPump::OpenPump(Environment& env, LiveSession& session, net::Stream& from, net::Stream& to,
                   telemetry::Counter& payload_counter, protocol::Decoder decoder, std::unique_ptr<ResponseHead> head)
    : Pump(env, session, from, to, payload_counter),
      decoder_(std::move(decoder)),
      unopened_(env.held_total),
      head_(std::move(head)) {}

Pump::Step OpenPump::begin() {
  return unsent_.empty() ? flushed() : flush();
}

Pump::Step OpenPump::flushed() {
  // What the handshake left over may hold whole chunks, which no further read would announce.
  if (!std::exchange(rest_unseen_, false)) return Step::read;
  const Scratch::Turn turn(env_.scratch);
  const Bytes wire = turn.area().first(unopened_.size());
  std::memcpy(wire.data(), unopened_.view().data(), wire.size());
  unopened_.clear();
  return pass_on(wire, false);
}

Pump::Step OpenPump::turn() {
  const Scratch::Turn turn(env_.scratch);
  const std::size_t carried = unopened_.size();
  const Bytes room = turn.area().subspan(carried, std::min(wire_budget(), ReadBudget::kMaxWireBatch - carried));
  const IoResult got = from_.try_read(room);
  if (got.status != IoStatus::done) {
    const std::optional<PumpEnd> end = end_of(got, decoder_.may_end(carried));
    if (!end) return Step::read;
    return head_ ? end_head(*end) : ended(*end);
  }
  if (carried > 0) std::memcpy(turn.area().data(), unopened_.view().data(), carried);
  unopened_.clear();
  return pass_on(turn.area().first(carried + got.bytes), got.bytes == room.size());
}

Pump::Step OpenPump::pass_on(Bytes wire, bool filled) {
  protocol::Decoder::Payload payload;
  const Result<std::size_t> opened = decoder_.open(wire, head_ ? head_->now() : env_.clock.unix_now(), payload);
  if (!opened) return head_ ? end_head(PumpEnd::corrupt) : over(PumpEnd::corrupt);
  unopened_.keep(wire.subspan(*opened));
  if (head_ && payload.bytes > 0) {
    const Step step = receive_head(payload);
    if (step != Step::write) return step;
  }
  if (payload.bytes == 0) return Step::read;
  count_payload(payload.bytes);
  return send(payload.view(), payload.bytes, filled);
}

/// @return  Step::write: what is left of `payload` is the receiver's.
Pump::Step OpenPump::receive_head(protocol::Decoder::Payload& payload) {
  switch (head_->opened(decoder_, payload)) {
    case ResponseHead::Verdict::wait:
      return Step::read;
    case ResponseHead::Verdict::pass:
      head_.reset();
      return Step::write;
    case ResponseHead::Verdict::finish:
      return ended(PumpEnd::finished);
    case ResponseHead::Verdict::fail:
      break;
  }
  return over(PumpEnd::lost_from);
}

Pump::Step OpenPump::end_head(PumpEnd why) {
  switch (head_->ended(why)) {
    case ResponseHead::Verdict::finish:
      return ended(PumpEnd::finished);
    case ResponseHead::Verdict::pass:
      return ended(why);
    default:
      return over(why == PumpEnd::finished ? PumpEnd::lost_from : why);
  }
}

}  // namespace ss::relay
