#include "servers/warm_stream.hpp"

#include <cerrno>
#include <utility>

#include "servers/server_link.hpp"
#include "ss/net/dial_control.hpp"
#include "ss/net/sleep.hpp"
#include "ss/relay/connect.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

using net::IoResult;
using net::IoStatus;
using net::Side;
using net::WaitOutcome;

IoResult WarmStream::send_first(ConstBytes flight, bool repeatable) {
  sent_ = env_.clock.since_boot();
  const IoResult sent = stream_->try_write(flight);
  if (sent.status == IoStatus::failed && !session_.stopping()) {
    flight_.keep(flight);
    dial_again(sent);
    return {IoStatus::done, flight.size(), 0};
  }
  if (repeatable && sent.bytes == flight.size() && flight.size() <= kMostKept) flight_.keep(flight);
  return sent;
}

IoResult WarmStream::try_read(std::span<const Bytes> into) {
  if (state_ == State::dialling) return {};
  if (state_ == State::over) return end_;
  const IoResult got = stream_->try_read(into);
  if (flight_.empty() || got.status == IoStatus::blocked) return got;
  if (got.status != IoStatus::done && was_unseen() && is_timely() && !session_.stopping()) {
    dial_again(got);
    return {};
  }
  flight_.clear();
  return got;
}

IoResult WarmStream::try_write(std::span<const ConstBytes> from) {
  if (state_ == State::dialling) return {};
  if (state_ == State::over) return {IoStatus::failed, 0, EPIPE};
  flight_.clear();
  return stream_->try_write(from);
}

void WarmStream::wait(Side side, net::Waiter& waiter) {
  if (state_ != State::dialling) return stream_->wait(side, waiter);
  // Not sooner: from here on a wait is pending, and the session lasts until it has completed.
  if (!std::exchange(dial_begun_, true)) env_.spawner.spawn(dial());
  waiting_[static_cast<std::size_t>(side)] = &waiter;
}

void WarmStream::cancel() {
  if (state_ != State::dialling) return stream_->cancel();
  // The waits end when the dial does.
  cancelled_ = dial_begun_;
  if (session_.dial) session_.dial->cancel();
}

void WarmStream::shut_write() {
  shut_ = true;
  if (state_ != State::dialling) stream_->shut_write();
}

/// What ends before any of the flight is acknowledged ended before it came: nobody has read it.
bool WarmStream::was_unseen() const {
  return stream_->unacknowledged() >= flight_.size();
}

void WarmStream::dial_again(const IoResult& end) {
  end_ = end;
  state_ = State::dialling;
  stream_->reset();  // else the kernel goes on sending the flight there, where the other end has closed one side alone
  telemetry::log_debug("a warm connection to {} was not there any more: dialling", lane_.rules.server.name());
}

net::Task<> WarmStream::dial() {
  co_await net::sleep(env_.timers, Duration::zero());  // nothing completes within the call that began to wait
  net::DialResult result;
  if (!cancelled_) {
    const SessionRules& rules = lane_.rules;
    const MonoTime begun = env_.timers.now();
    result = co_await relay::connect(env_, session_, rules.server.address(), rules.dial, rules.ipv6_first);
    const MonoTime now = env_.timers.now();
    report_dial(worker_.tcp, worker_.udp, worker_.number_of(lane_), result, now - begun, now);
    if (!result.stream && !session_.stopping()) note_unreachable(env_, rules.server, result.cause, 1);
  }
  state_ = State::over;
  if (result.stream && is_timely() && send_again(*result.stream)) {
    stream_ = std::move(result.stream);
    state_ = State::connected;
  }
  flight_.clear();
  const WaitOutcome outcome = cancelled_ || session_.stopping() ? WaitOutcome::cancelled : WaitOutcome::ready;
  // The session may end, and this with it, when both have been told.
  const std::array<net::Waiter*, 2> waiting = std::exchange(waiting_, {});
  for (net::Waiter* const waiter : waiting) {
    if (waiter) waiter->complete(outcome);
  }
}

bool WarmStream::send_again(net::Stream& stream) {
  if (stream.try_write(flight_.view()).bytes != flight_.size()) return false;
  sent_ = env_.clock.since_boot();
  if (shut_) stream.shut_write();
  return true;
}

}  // namespace ss::local
