#include "ss/relay/uot_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ss::relay {

using net::IoResult;
using net::IoStatus;
using net::Received;
using net::Side;
using net::WaitOutcome;

void FrameWriter::put(ConstBytes bytes) {
  while (!bytes.empty() && !into_.empty()) {
    const Bytes room = into_.front().subspan(at_);
    const std::size_t n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    bytes = bytes.subspan(n);
    at_ += n;
    written_ += n;
    if (n == room.size()) {
      into_ = into_.subspan(1);
      at_ = 0;
    }
  }
  std::copy(bytes.begin(), bytes.end(), overflow_.subspan(over_, bytes.size()).begin());
  over_ += bytes.size();
}

std::size_t FrameWriter::room() const {
  std::size_t room = 0;
  for (const Bytes span : into_) room += span.size();
  return room - at_;
}

/// Suspends a watcher until somebody waits for what its socket has: the socket would only say so again.
struct UotStream::UntilRead {
  UotStream& stream;
  Source& source;
  bool await_ready() const noexcept { return stream.ended_ || stream.pending(Side::read).waiter != nullptr; }
  void await_suspend(std::coroutine_handle<> watcher) { source.paused = watcher; }
  void await_resume() const noexcept {}
};

/// Suspends until no watcher is left.
struct UotStream::AllEnded {
  UotStream& stream;
  bool await_ready() const noexcept { return stream.watching_ == 0; }
  void await_suspend(std::coroutine_handle<> joiner) { stream.joiner_ = joiner; }
  void await_resume() const noexcept {}
};

UotStream::UotStream(Environment& env, telemetry::Counter& received, telemetry::Counter& sent, Duration idle)
    : env_(env),
      received_(received),
      sent_(sent),
      idle_(idle),
      last_moved_(env.timers.now()),
      unread_(env.held_total),
      soon_(*this),
      idle_timer_(*this) {
  if (idle_ > Duration::zero()) env_.timers.start(idle_timer_, idle_ / 4);
}

net::Task<> UotStream::close() {
  end();
  co_await AllEnded{*this};
}

void UotStream::listen_to(net::Datagram& socket) {
  SS_ASSERT(source_count_ < sources_.size());
  Source& source = sources_[source_count_++];
  source.socket = &socket;
  env_.spawner.spawn(watch(source));
}

net::Task<> UotStream::watch(Source& source) {
  ++watching_;
  while (!ended_) {
    const WaitOutcome outcome = co_await net::ready(*source.socket, Side::read);
    if (outcome == WaitOutcome::cancelled || ended_) continue;
    source.readable = true;
    Pending& reader = pending(Side::read);
    reader.due.reset();
    if (net::Waiter* const waiter = std::exchange(reader.waiter, nullptr)) waiter->complete(WaitOutcome::ready);
    co_await UntilRead{*this, source};
  }
  // Not by a destructor: where the worker ends first, frames are destroyed and nothing may be resumed.
  if (--watching_ == 0 && joiner_) std::exchange(joiner_, {}).resume();
}

IoResult UotStream::try_read(std::span<const Bytes> into) {
  DatagramScratch::Turn turn(env_.datagram_scratch);
  FrameWriter out(into, turn.write_area());
  if (!unread_.empty()) {
    const std::size_t n = std::min(unread_.size(), out.room());
    out.put(unread_.view().first(n));
    unread_.drop(n);
  }
  if (!ended_) {
    for (Source& source : std::span(sources_).first(source_count_)) receive(source, turn, out);
  }
  if (!out.overflow().empty()) unread_.keep(out.overflow());
  if (out.written() > 0) return {IoStatus::done, out.written(), 0};
  return {ended_ ? IoStatus::ended : IoStatus::blocked, 0, 0};
}

void UotStream::receive(Source& source, DatagramScratch::Turn& turn, FrameWriter& out) {
  std::size_t before = 0;
  // What came last says what to expect; at most one receive more than the reader has room for is kept.
  while (source.readable && out.room() > before) {
    const std::size_t room = out.room();
    const std::span<Received> datagrams = turn.receive_one(*source.socket);
    source.readable = !datagrams.empty();
    for (const Received& datagram : datagrams) {
      if (frame(datagram, out)) {
        received_.add();
        last_moved_ = env_.timers.now();
      }
    }
    before = room - out.room();
  }
}

IoResult UotStream::try_write(std::span<const ConstBytes> from) {
  if (ended_) return {IoStatus::failed, 0, EPIPE};
  DatagramScratch::Turn turn(env_.datagram_scratch);
  SendBatch batch(turn, env_, sent_);
  std::size_t bytes = 0;
  for (const ConstBytes span : from) {
    bytes += span.size();
    if (take_all(span, batch)) continue;
    end();
    return {IoStatus::failed, 0, EPROTO};
  }
  last_moved_ = env_.timers.now();
  return {IoStatus::done, bytes, 0};
}

/// @return  false at what is no message.
bool UotStream::take_all(ConstBytes bytes, SendBatch& batch) {
  if (!complete_partial(bytes, batch)) return false;
  while (!bytes.empty()) {
    const protocol::Parsed<std::size_t> taken = take(bytes, batch);
    if (taken.failed()) return false;
    if (taken.needs_more()) {
      set_partial(ByteVector(bytes.begin(), bytes.end()));
      return true;
    }
    bytes = bytes.subspan(taken.value());
  }
  return true;
}

/// Puts the message that has begun together and takes it; what belongs to it is taken off `bytes`.
bool UotStream::complete_partial(ConstBytes& bytes, SendBatch& batch) {
  if (partial_.empty() || bytes.empty()) return true;
  ByteVector whole = std::exchange(partial_, {});
  env_.held_total.sub(whole.size());
  for (;;) {
    const protocol::Parsed<std::size_t> taken = take(whole, batch);
    if (taken.failed()) return false;
    if (taken.ready()) {
      // Never more than the message asked for was put in, so it is the message. Its bytes go now.
      SS_ASSERT(taken.value() == whole.size());
      batch.flush();
      return true;
    }
    if (bytes.empty()) {
      set_partial(std::move(whole));
      return true;
    }
    const ConstBytes more = bytes.first(std::min(taken.need(), bytes.size()));
    whole.insert(whole.end(), more.begin(), more.end());
    bytes = bytes.subspan(more.size());
  }
}

void UotStream::set_partial(ByteVector partial) {
  partial_ = std::move(partial);
  env_.held_total.add(partial_.size());
}

void UotStream::wait(Side side, net::Waiter& waiter) {
  SS_ASSERT(pending(side).waiter == nullptr);
  pending(side) = {&waiter, std::nullopt};
  if (side == Side::write || ended_ || !unread_.empty()) return complete_soon(side, WaitOutcome::ready);
  for (Source& source : std::span(sources_).first(source_count_)) {
    if (source.paused) std::exchange(source.paused, {}).resume();
  }
}

void UotStream::cancel() {
  complete_soon(Side::read, WaitOutcome::cancelled);
  complete_soon(Side::write, WaitOutcome::cancelled);
}

void UotStream::end() {
  if (std::exchange(ended_, true)) return;
  idle_timer_.stop();
  if (!partial_.empty()) {
    env_.held_total.sub(partial_.size());
    partial_.clear();
  }
  cancel_sockets();
  complete_soon(Side::read, WaitOutcome::ready);
  for (Source& source : sources_) {
    if (source.paused) std::exchange(source.paused, {}).resume();
  }
}

void UotStream::complete_soon(Side side, WaitOutcome outcome) {
  Pending& wait = pending(side);
  if (wait.waiter == nullptr || wait.due) return;
  wait.due = outcome;
  env_.timers.start(soon_, Duration::zero());
}

void UotStream::complete_due() {
  // The first of them may be the end of this stream.
  std::array<Pending, 2> due{};
  for (std::size_t i = 0; i < due.size(); ++i) {
    if (pending_[i].due) due[i] = std::exchange(pending_[i], {});
  }
  for (const Pending& wait : due) {
    if (wait.waiter != nullptr) wait.waiter->complete(*wait.due);
  }
}

void UotStream::check_idle() {
  if (env_.timers.now() - last_moved_ >= idle_) return end();
  env_.timers.start(idle_timer_, idle_ / 4);
}

}  // namespace ss::relay
