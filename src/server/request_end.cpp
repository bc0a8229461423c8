#include "request_end.hpp"

#include <optional>
#include <utility>

#include "ss/relay/drain.hpp"
#include "ss/relay/pump.hpp"
#include "ss/relay/tcp_relay.hpp"

namespace ss::server {

using namespace std::chrono_literals;
using protocol::socks5::Reply;
using relay::Environment;
using relay::LiveSession;

namespace {

/// How long a refused or unreachable target's client may go on sending before it is cut off.
constexpr Duration kDrainGrace = 5s;

/// What the downstream pump starts with: the rest of an answer that has begun, or the beginning of a stream.
relay::SealPump seal_pump(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& upstream,
                          net::Stream& client, Admission& admission) {
  telemetry::Counter& counter = env.counters.bytes_down;
  if (std::optional<PairAnswer>& answer = admission.answer) {
    return {env, session, upstream, client, counter, answer->take_encoder(), answer->unsent()};
  }
  return {env,    session, upstream,
          client, counter, admission.handshake.take_encoder(env.entropy, env.clock.now(), rules.salts, false)};
}

}  // namespace

net::Task<> relay_to(net::Stream& upstream, Environment& env, const SessionRules& rules, LiveSession& session,
                     net::Stream& client, std::unique_ptr<Admission> admission, Endpoint bound) {
  session.upstream = &upstream;
  if (admission->answer) admission->answer->send(env, client, {Reply::succeeded, false, bound});
  relay::OpenPump up(env, session, client, upstream, env.counters.bytes_up, admission->handshake.take_decoder(),
                     admission->request.payload, admission->rest());
  relay::SealPump down = seal_pump(env, rules, session, upstream, client, *admission);
  admission.reset();
  co_await relay::relay_tcp(env, session, client, upstream, up, down);
  session.upstream = nullptr;
}

net::Task<> refuse(Environment& env, LiveSession& session, net::Stream& client, std::unique_ptr<Admission> admission,
                   Reply reply) {
  if (admission->answer) {
    admission->answer->send(env, client, {reply, false, {}});
    co_await admission->answer->finish(env, session, client, kDrainGrace);
    co_return;
  }
  admission.reset();
  co_await relay::finish_and_drain(env, session, client, kDrainGrace);
}

}  // namespace ss::server
