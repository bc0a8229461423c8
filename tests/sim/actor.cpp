#include "sim/actor.hpp"

#include <array>

#include "ss/net/sleep.hpp"

namespace ss::sim {

using net::IoStatus;
using net::Side;

namespace {

net::Task<> speak(Actor& actor, net::Stream& stream, net::Timers& timers) {
  while (actor.said < actor.to_say.size()) {
    const net::IoResult sent = stream.try_write(ConstBytes(actor.to_say).subspan(actor.said));
    if (sent.status == IoStatus::failed) {
      actor.failed = true;
      co_return;
    }
    actor.said += sent.bytes;
    if (sent.status == IoStatus::blocked) co_await net::ready(stream, Side::write);
  }
  if (actor.resets) {
    while (stream.unacknowledged() > 0) co_await net::sleep(timers, std::chrono::milliseconds(1));
    stream.reset();
    co_return;
  }
  if (!actor.never_shuts) {
    stream.shut_write();
    actor.shut = true;
  }
}

net::Task<> listen(Actor& actor, net::Stream& stream, net::Timers& timers) {
  std::array<std::uint8_t, 4096> room{};
  for (;;) {
    const net::IoResult got = stream.try_read(room);
    actor.heard.insert(actor.heard.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(got.bytes));
    if (!actor.answered && actor.heard.size() >= actor.answers) actor.answered = timers.now();
    if (got.status == IoStatus::blocked) co_await net::ready(stream, Side::read);
    actor.heard_end |= got.status == IoStatus::ended;
    actor.failed |= got.status == IoStatus::failed;
    if (got.status == IoStatus::ended || got.status == IoStatus::failed) co_return;
  }
}

}  // namespace

net::Task<> live(Actor& actor, net::Stream& stream, net::Timers& timers) {
  actor.ran = true;
  if (actor.listens_first) {
    co_await listen(actor, stream, timers);
    if (actor.answer) actor.to_say = actor.answer(actor.heard);
    if (!actor.failed) co_await speak(actor, stream, timers);
  } else {
    net::Task<> speaking = speak(actor, stream, timers);
    net::Task<> listening = listen(actor, stream, timers);
    speaking.start();
    listening.start();
    co_await speaking;
    co_await listening;
  }
  actor.finished = true;
}

}  // namespace ss::sim
