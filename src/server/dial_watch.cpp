#include "dial_watch.hpp"

#include <new>
#include <utility>

#include "ss/net/dial_control.hpp"

namespace ss::server {

using net::IoStatus;

DialWatch::DialWatch(relay::Environment& env, relay::LiveSession& session, net::Stream& client, Admission& admission,
                     Purpose purpose)
    : env_(env),
      session_(session),
      client_(client),
      admission_(admission),
      purpose_(purpose),
      to_tell_(purpose == Purpose::dial && admission.answer) {
  env_.timers.start(*this, kQuick);
}

DialWatch::~DialWatch() {
  env_.held_total.sub(held_);
}

void DialWatch::expired() noexcept {
  if (!std::exchange(begun_, true)) {
    if (to_tell_) env_.timers.start(*this, kPatience);
    return wait();
  }
  if (std::exchange(to_tell_, false)) tell();
  if (is_full()) look();
}

/// A connection that was reset has no peer any more.
void DialWatch::look() {
  if (client_.peer_endpoint().address == IpAddress()) return lose();
  env_.timers.start(*this, kLookEvery);
}

void DialWatch::tell() {
  try {
    admission_.answer->send(env_, client_, {protocol::socks5::Reply::succeeded, true, {}});
  } catch (const std::bad_alloc&) {
    lose();
  }
}

void DialWatch::wait() {
  if (session_.stopping()) return;
  if (is_full()) {
    if (!to_tell_) env_.timers.start(*this, kLookEvery);
    return;
  }
  waiting_ = true;
  client_.wait(net::Side::read, *this);
}

void DialWatch::complete(net::WaitOutcome outcome) {
  waiting_ = false;
  if (joiner_) return std::exchange(joiner_, {}).resume();
  if (outcome == net::WaitOutcome::cancelled) return;
  try {
    read_some();
  } catch (const std::bad_alloc&) {
    lose();
  }
}

void DialWatch::read_some() {
  {
    const relay::Scratch::Turn turn(env_.scratch);
    const Bytes room = turn.area().first(kMostBehind - admission_.rest().size());
    const net::IoResult got = client_.try_read(room);
    if (got.status == IoStatus::failed) return lose();
    if (got.status == IoStatus::ended) {
      // An end shows again when the pump reads.
      if (purpose_ == Purpose::peer) lose();
      return;
    }
    keep(room.first(got.bytes));
  }
  wait();
}

void DialWatch::keep(ConstBytes bytes) {
  ByteVector& behind = admission_.behind;
  if (behind.empty()) behind.assign(admission_.request.rest.begin(), admission_.request.rest.end());
  behind.insert(behind.end(), bytes.begin(), bytes.end());
  env_.held_total.add(bytes.size());
  held_ += static_cast<std::uint32_t>(bytes.size());
}

void DialWatch::lose() {
  if (session_.dial != nullptr) session_.dial->cancel();
}

}  // namespace ss::server
