#include "local_session.hpp"

#include <utility>

#include "proxied_stream.hpp"
#include "udp_association.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using relay::Environment;
using relay::LiveSession;

net::Task<> serve(Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys,
                  std::unique_ptr<net::Stream> client, CarrierChoice* choice) {
  LiveSession session(env.sessions);
  session.client = client.get();
  ClientRequest asked = co_await negotiate(env, session, *client, rules.negotiation, rules.handshake_timeout);
  if (!asked.target || session.stopping()) co_return;
  session.admitted();
  if (asked.command == socks5::Command::udp_associate) {
    co_await serve_association(env, rules, keys, session, *client, std::move(*asked.target), choice);
  } else if (asked.command == socks5::Command::bind) {
    co_await serve_bind(env, rules, session, *client, std::move(asked));
  } else {
    co_await serve_connect(env, rules, session, *client, std::move(asked));
  }
}

}  // namespace ss::local
