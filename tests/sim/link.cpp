#include "sim/link.hpp"

#include <algorithm>
#include <cerrno>

namespace ss::sim {

using net::IoResult;
using net::IoStatus;
using net::Side;
using net::WaitOutcome;
using namespace std::chrono_literals;

SimStream::SimStream(std::shared_ptr<Link> link, int end, Endpoint local, Endpoint peer, bool faulty)
    : link_(std::move(link)), end_(end), local_(local), peer_(peer), faulty_(faulty), waits_(link_->world) {
  link_->ends[end_] = this;
  ++link_->alive;
}

SimStream::~SimStream() {
  if (!closed_) {
    const bool unread = !in().bytes.empty();
    if (unread) {
      reset();
    } else {
      shut_write();
      in().broken = true;
      closed_ = true;
    }
  }
  link_->ends[end_] = nullptr;
  --link_->alive;
}

IoResult SimStream::fail(int error) {
  // A connection that failed once stays so, and its peer learns it as a reset.
  if (broken_ == 0) {
    broken_ = error;
    drop_unacknowledged();
    out().reset = true;
    in().broken = true;
    wake(link_->ends[1 - end_], Side::read);
    wake(link_->ends[1 - end_], Side::write);
  }
  return {IoStatus::failed, 0, error};
}

IoResult SimStream::try_read(std::span<const Bytes> into) {
  const Fault fault = faulty_ ? link_->world.step() : Fault::none;
  if (closed_) return {IoStatus::failed, 0, EBADF};
  if (broken_ != 0) return {IoStatus::failed, 0, broken_};
  if (fault == Fault::nothing_there) return {};
  if (errno_of(fault) != 0) return fail(errno_of(fault));
  if (fault == Fault::ended) {
    in().bytes.clear();
    in().fin = true;
    in().broken = true;
  }
  std::deque<std::uint8_t>& bytes = in().bytes;
  if (bytes.empty()) {
    if (in().reset) return {IoStatus::failed, 0, ECONNRESET};
    return {in().fin ? IoStatus::ended : IoStatus::blocked, 0, 0};
  }
  std::size_t room = 0;
  for (const Bytes span : into) room += span.size();
  // SIP022 takes a first flight in one read, and a loopback or a quiet path does hand it over whole.
  const std::size_t possible = std::min(room, bytes.size());
  const bool first = !std::exchange(has_read_, true);
  std::size_t left = fault == Fault::short_step ? 1 : first ? possible : link_->world.portion(possible);
  const std::size_t moved = left;
  for (const Bytes span : into) {
    const std::size_t n = std::min(left, span.size());
    std::copy_n(bytes.begin(), n, span.begin());
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    left -= n;
  }
  if (fault == Fault::flipped && link_->sealed) into.front()[0] ^= 0x40;
  wake(link_->ends[1 - end_], Side::write);
  return {IoStatus::done, moved, 0};
}

IoResult SimStream::try_write(std::span<const ConstBytes> from) {
  const Fault fault = faulty_ ? link_->world.step() : Fault::none;
  if (closed_) return {IoStatus::failed, 0, EBADF};
  if (broken_ != 0) return {IoStatus::failed, 0, broken_};
  if (fault == Fault::nothing_there) return {};
  if (errno_of(fault) != 0) return fail(errno_of(fault));
  Link::Lane& lane = out();
  if (lane.broken || lane.fin || in().reset) return {IoStatus::failed, 0, in().reset ? ECONNRESET : EPIPE};
  const std::size_t room = Link::kCapacity - std::min(Link::kCapacity, lane.bytes.size());
  std::size_t offered = 0;
  for (const ConstBytes span : from) offered += span.size();
  if (room == 0 || offered == 0) return {};
  // No kernel splits a few bytes where there is room, nor the first flight.
  const std::size_t possible = std::min(room, offered);
  const bool whole = possible <= 64 || !std::exchange(has_written_, true);
  std::size_t left = fault == Fault::short_step ? 1 : whole ? possible : link_->world.portion(possible);
  const std::size_t moved = left;
  for (const ConstBytes span : from) {
    const ConstBytes part = span.first(std::min(left, span.size()));
    lane.bytes.insert(lane.bytes.end(), part.begin(), part.end());
    lane.history.insert(lane.history.end(), part.begin(), part.end());
    left -= part.size();
  }
  lane.unacknowledged += moved;
  link_->world.after(link_->world.some_delay() + link_->acks_late, [link = link_, end = end_, moved] {
    Link::Lane& sent = link->lanes[end];
    sent.unacknowledged -= std::min(sent.unacknowledged, moved);
  });
  wake(link_->ends[1 - end_], Side::read);
  return {IoStatus::done, moved, 0};
}

bool SimStream::may_progress(Side side) const {
  if (connecting_) return false;
  if (closed_ || broken_ != 0) return true;
  if (side == Side::read) return !in().bytes.empty() || in().fin || in().reset;
  return out().bytes.size() < Link::kCapacity || out().broken || in().reset;
}

void SimStream::wait(Side side, net::Waiter& waiter) {
  const Fault fault = faulty_ ? link_->world.step() : Fault::none;
  waits_.begin(side, waiter);
  const Duration delay = link_->world.some_delay() + (fault == Fault::late ? Duration(2s) : 0ns);
  // No kernel calls a socket writable that is connecting still.
  const bool for_nothing = fault == Fault::nothing_there && !connecting_;
  if (may_progress(side) || for_nothing) waits_.complete_after(delay, side, WaitOutcome::ready);
}

void SimStream::cancel() {
  waits_.cancel();
}

void SimStream::wake(SimStream* stream, Side side) {
  if (stream != nullptr && stream->may_progress(side)) {
    stream->waits_.complete_after(stream->link_->world.some_delay(), side, WaitOutcome::ready);
  }
}

void SimStream::shut_write() {
  if (closed_ || broken_ != 0 || connecting_) return;
  out().fin = true;
  wake(link_->ends[1 - end_], Side::read);
}

void SimStream::drop_unacknowledged() {
  Link::Lane& lane = out();
  const std::size_t lost = std::min(lane.unacknowledged, lane.bytes.size());
  lane.bytes.erase(lane.bytes.end() - static_cast<std::ptrdiff_t>(lost), lane.bytes.end());
  lane.unacknowledged = 0;
}

void SimStream::reset() {
  if (closed_) return;
  closed_ = true;
  drop_unacknowledged();
  out().reset = true;
  in().broken = true;
  in().bytes.clear();
  wake(link_->ends[1 - end_], Side::read);
  wake(link_->ends[1 - end_], Side::write);
  cancel();
}

void SimStream::connected(int error) {
  connecting_ = false;
  connect_error_ = error;
  if (error != 0) broken_ = error;
  wake(this, Side::write);
}

}  // namespace ss::sim
