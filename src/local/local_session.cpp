#include "local_session.hpp"

#include <utility>

#include "proxied_stream.hpp"
#include "ss/net/deadline.hpp"
#include "ss/relay/connect.hpp"
#include "ss/relay/reply.hpp"
#include "udp_association.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using relay::Environment;
using relay::LiveSession;

namespace {

/// Waits a little for the client's first bytes, so that they ride in the first flight; a server-first protocol has none
/// to wait for.
net::Task<> await_first_bytes(Environment& env, net::Stream& client, Duration limit) {
  net::Deadline deadline(env.timers, client, limit);
  co_await deadline.ready(net::Side::read);
}

/// CONNECT, from the dial on.
net::Task<> connect(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                    SocksRequest asked) {
  const net::DialResult server = co_await relay::connect(env, session, rules.server, rules.dial, rules.ipv6_first);
  if (!server.stream) {
    env.counters.dial_failures.add();
    warn_unreachable(env, server.cause);
    const ReplyBytes failure(relay::reply_for(server.cause), Endpoint{});
    co_await refuse(env, session, client, failure.view());
    co_return;
  }
  session.upstream = server.stream.get();
  const ReplyBytes success(socks5::Reply::succeeded, server.bound);
  if (!say(client, success.view())) co_return;
  if (asked.early.empty()) co_await await_first_bytes(env, client, rules.first_flight);

  co_await relay_through(*server.stream, env, rules, session, client, std::move(*asked.target), std::move(asked.early));
}

}  // namespace

net::Task<> serve(Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys,
                  std::unique_ptr<net::Stream> client, CarrierChoice* choice) {
  LiveSession session(env.sessions);
  session.client = client.get();
  SocksRequest asked =
      co_await negotiate_socks(env, session, *client, rules.users, rules.commands, rules.handshake_timeout);
  if (!asked.target || session.stopping()) co_return;
  session.admitted();
  if (asked.command == socks5::Command::udp_associate) {
    co_await serve_association(env, rules, keys, session, *client, std::move(*asked.target), choice);
  } else {
    co_await connect(env, rules, session, *client, std::move(asked));
  }
}

}  // namespace ss::local
