#include "ss/relay/drain.hpp"

namespace ss::relay {

using net::IoStatus;

namespace {

/// Discards one batch. One read a turn, so that a flood does not hold the worker.
IoStatus discard_some(Environment& env, net::Stream& stream) {
  const Scratch::Turn turn(env.scratch);
  return stream.try_read(turn.area()).status;
}

}  // namespace

net::Task<bool> discard_until(Environment& env, LiveSession& session, net::Stream& stream, net::Deadline& limit) {
  while (!limit.passed() && !session.stopping()) {
    const net::WaitOutcome outcome = co_await limit.ready(net::Side::read);
    if (outcome == net::WaitOutcome::cancelled) continue;
    const IoStatus status = discard_some(env, stream);
    if (status == IoStatus::ended || status == IoStatus::failed) co_return true;
  }
  co_return false;
}

net::Task<> finish_and_drain(Environment& env, LiveSession& session, net::Stream& stream, Duration grace) {
  stream.shut_write();
  net::Deadline limit(env.timers, stream, grace);
  co_await discard_until(env, session, stream, limit);
}

}  // namespace ss::relay
