#include "speed_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ss::server {

using net::IoResult;
using net::IoStatus;
using net::Side;
using net::WaitOutcome;

IoResult SpeedStream::try_read(std::span<const Bytes> into) {
  std::size_t bytes = 0;
  for (const Bytes span : into) {
    if (kind_ == Kind::source && !ended_) {
      std::memset(span.data(), 0, span.size());
      bytes += span.size();
    } else if (!held_.empty()) {
      const std::size_t n = std::min(span.size(), held_.size());
      std::memcpy(span.data(), held_.view().data(), n);
      held_.drop(n);
      bytes += n;
    }
  }
  if (bytes == 0) return {ended_ ? IoStatus::ended : IoStatus::blocked, 0, 0};
  if (may_progress(Side::write)) complete_soon(Side::write, WaitOutcome::ready);
  return {IoStatus::done, bytes, 0};
}

IoResult SpeedStream::try_write(std::span<const ConstBytes> from) {
  if (ended_) return {IoStatus::failed, 0, EPIPE};
  if (!may_progress(Side::write)) return {};
  if (kind_ == Kind::echo) {
    held_.keep(from, 0);
    complete_soon(Side::read, WaitOutcome::ready);
  }
  std::size_t bytes = 0;
  for (const ConstBytes span : from) bytes += span.size();
  return {IoStatus::done, bytes, 0};
}

bool SpeedStream::may_progress(Side side) const {
  if (ended_) return true;
  if (side == Side::read) return kind_ == Kind::source || !held_.empty();
  return held_.empty();
}

void SpeedStream::wait(Side side, net::Waiter& waiter) {
  Pending& pending = pending_[static_cast<std::size_t>(side)];
  SS_ASSERT(pending.waiter == nullptr);
  pending = {&waiter, std::nullopt};
  if (may_progress(side)) complete_soon(side, WaitOutcome::ready);
}

void SpeedStream::cancel() {
  complete_soon(Side::read, WaitOutcome::cancelled);
  complete_soon(Side::write, WaitOutcome::cancelled);
}

void SpeedStream::shut_write() {
  ended_ = true;
  complete_soon(Side::read, WaitOutcome::ready);
}

void SpeedStream::reset() {
  held_.clear();
  shut_write();
}

void SpeedStream::complete_soon(Side side, WaitOutcome outcome) {
  Pending& pending = pending_[static_cast<std::size_t>(side)];
  if (pending.waiter == nullptr || pending.due) return;
  pending.due = outcome;
  env_.timers.start(*this, Duration::zero());
}

void SpeedStream::expired() noexcept {
  // The first of them may be the end of this stream.
  std::array<Pending, 2> due{};
  for (std::size_t i = 0; i < due.size(); ++i) {
    if (pending_[i].due) due[i] = std::exchange(pending_[i], {});
  }
  for (const Pending& wait : due) {
    if (wait.waiter != nullptr) wait.waiter->complete(*wait.due);
  }
}

}  // namespace ss::server
