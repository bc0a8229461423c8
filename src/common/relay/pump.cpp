#include "ss/relay/pump.hpp"

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
    } else if (step == Step::read) {
      step = attempt(&Pump::turn);
    } else {
      step = attempt(&Pump::flush);
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

Pump::Step Pump::not_read(const IoResult& result, bool clean) {
  switch (result.status) {
    case IoStatus::failed:
      return over(PumpEnd::lost_from);
    case IoStatus::ended:
      if (!clean) return over(PumpEnd::corrupt);
      to_.shut_write();
      return over(PumpEnd::finished);
    default:
      return Step::read;
  }
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
                   telemetry::Counter& payload, protocol::Encoder encoder, ConstBytes leftover)
    : Pump(env, session, from, to, payload), encoder_(std::move(encoder)) {
  unsent_.keep(leftover);
}

Pump::Step SealPump::begin() {
  return unsent_.empty() ? Step::read : Step::write;
}

Pump::Step SealPump::turn() {
  const Scratch::Turn turn(env_.scratch);
  const auto slots = encoder_.layout(turn.area(), budget(), budget_.chunk(encoder_.max_payload()));
  const IoResult got = from_.try_read(slots.spans());
  if (got.status != IoStatus::done) return not_read(got, true);
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
  if (got.status != IoStatus::done) return not_read(got, decoder_.may_end(carried));
  if (carried > 0) std::memcpy(turn.area().data(), unopened_.view().data(), carried);
  unopened_.clear();
  return pass_on(turn.area().first(carried + got.bytes), got.bytes == room.size());
}

Pump::Step OpenPump::pass_on(Bytes wire, bool filled) {
  protocol::Decoder::Payload payload;
  const Result<std::size_t> opened = decoder_.open(wire, env_.clock.unix_now(), payload);
  if (!opened) return over(PumpEnd::corrupt);
  unopened_.keep(wire.subspan(*opened));
  if (payload.bytes == 0) return Step::read;
  count_payload(payload.bytes);
  return send(payload.view(), payload.bytes, filled);
}

}  // namespace ss::relay
