#include "ss/relay/tcp_relay.hpp"

#include "ss/net/sleep.hpp"

namespace ss::relay {

using namespace std::chrono_literals;

namespace {

constexpr Duration kResetGrace = 5s;
constexpr Duration kResetPoll = 5ms;

/// Which of the two connections are of no use any more, by how the directions ended.
struct Losses {
  bool client = false;
  bool upstream = false;
  bool any = false;  ///< a direction did not come to its end, so neither side may take it for one
};

Losses losses_of(PumpEnd up, PumpEnd down) {
  Losses lost;
  lost.client = up == PumpEnd::lost_from || down == PumpEnd::lost_to;
  lost.upstream = up == PumpEnd::lost_to || down == PumpEnd::lost_from;
  lost.any = up != PumpEnd::finished || down != PumpEnd::finished;
  return lost;
}

/// Resets what is lost at once, and the rest once its peer has acknowledged everything.
net::Task<> carry_reset(Environment& env, net::Stream& client, net::Stream& upstream, Losses lost) {
  const MonoTime latest = env.timers.now() + kResetGrace;
  if (lost.client) client.reset();
  if (lost.upstream) upstream.reset();
  for (;;) {
    const bool waiting =
        (!lost.client && client.unacknowledged() > 0) || (!lost.upstream && upstream.unacknowledged() > 0);
    if (!waiting || env.timers.now() >= latest) break;
    co_await net::sleep(env.timers, kResetPoll);
  }
  if (!lost.client) client.reset();
  if (!lost.upstream) upstream.reset();
}

}  // namespace

net::Task<> relay_tcp(Environment& env, LiveSession& session, net::Stream& client, net::Stream& upstream, Pump& up,
                      Pump& down) {
  env.counters.established.add();
  session.relaying();
  net::Task<PumpEnd> up_task = up.run();
  net::Task<PumpEnd> down_task = down.run();
  up_task.start();
  down_task.start();
  const PumpEnd up_end = co_await up_task;
  const PumpEnd down_end = co_await down_task;
  const Losses lost = losses_of(up_end, down_end);
  if (lost.any) co_await carry_reset(env, client, upstream, lost);
}

}  // namespace ss::relay
