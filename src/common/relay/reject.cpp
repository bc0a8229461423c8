#include "ss/relay/reject.hpp"

#include "ss/relay/drain.hpp"

namespace ss::relay {

using namespace std::chrono_literals;

namespace {

/// How long a flood that goes on past our FIN is still read, so that it does not turn the FIN into a reset.
constexpr Duration kFloodGrace = 5s;

}  // namespace

net::Task<> reject(Environment& env, LiveSession& session, net::Stream& stream, RejectRule rule, net::Deadline& limit) {
  env.counters.rejected.add();
  if (!rule.at_once) {
    const bool peer_ended = co_await discard_until(env, session, stream, limit);
    if (peer_ended) co_return;
  }
  if (rule.policy == RejectPolicy::reset) {
    stream.reset();
    co_return;
  }
  stream.shut_write();
  if (rule.at_once) {
    const bool peer_ended = co_await discard_until(env, session, stream, limit);
    if (peer_ended) co_return;
  }
  net::Deadline flood(env.timers, stream, kFloodGrace);
  co_await discard_until(env, session, stream, flood);
}

}  // namespace ss::relay
