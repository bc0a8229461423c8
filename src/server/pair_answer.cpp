#include "pair_answer.hpp"

#include <algorithm>
#include <array>

#include "ss/net/deadline.hpp"
#include "ss/relay/drain.hpp"

namespace ss::server {

namespace pair = protocol::pair;

void PairAnswer::send(relay::Environment& env, net::Stream& client, const pair::Frame& frame, ConstBytes tail) {
  SS_ASSERT(tail.size() <= kMaxTail);
  std::array<std::uint8_t, pair::kMaxFrame + kMaxTail> text;
  const std::size_t length = pair::put_frame(frame, env.entropy, text);
  std::copy(tail.begin(), tail.end(), text.begin() + static_cast<std::ptrdiff_t>(length));
  const ConstBytes payload = ConstBytes(text).first(length + tail.size());

  const relay::Scratch::Turn turn(env.scratch);
  const auto slots = encoder_.layout(turn.area(), payload.size(), encoder_.max_payload());
  SS_ASSERT(slots.count == 1 && slots.slots[0].size() == payload.size());
  std::copy(payload.begin(), payload.end(), slots.slots[0].begin());
  const Result<ConstBytes> wire = encoder_.seal(turn.area(), slots, payload.size(), env.clock.unix_now());
  // A key that has just come about has nonces left.
  if (wire) flush(client, *wire);
}

/// Sends what was left before and `wire`, in order, and keeps the rest.
void PairAnswer::flush(net::Stream& client, ConstBytes wire) {
  std::array<ConstBytes, 2> spans{ConstBytes(unsent_), wire};
  const std::span<const ConstBytes> all(spans);
  const net::IoResult sent = client.try_write(unsent_.empty() ? all.last(1) : all);
  const std::size_t old = std::min(sent.bytes, unsent_.size());
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(old));
  wire = wire.subspan(sent.bytes - old);
  unsent_.insert(unsent_.end(), wire.begin(), wire.end());
}

net::Task<> PairAnswer::finish(relay::Environment& env, relay::LiveSession& session, net::Stream& client,
                               Duration grace) {
  net::Deadline limit(env.timers, client, grace);
  while (!unsent_.empty() && !limit.passed() && !session.stopping()) {
    const net::WaitOutcome outcome = co_await limit.ready(net::Side::write);
    if (outcome == net::WaitOutcome::cancelled) continue;
    const net::IoResult sent = client.try_write(ConstBytes(unsent_));
    if (sent.status == net::IoStatus::failed) co_return;
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent.bytes));
  }
  client.shut_write();
  co_await relay::discard_until(env, session, client, limit);
}

}  // namespace ss::server
