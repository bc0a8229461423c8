#include "local_session.hpp"

#include <utility>

#include "http_session.hpp"
#include "local_worker.hpp"
#include "proxied_stream.hpp"
#include "udp_association.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using relay::Environment;
using relay::LiveSession;

net::Task<> serve(Environment& env, const LocalWorker& worker, std::unique_ptr<net::Stream> client) {
  LiveSession session(env.sessions);
  session.client = client.get();
  const ServerLane& lane = worker.lanes.front();
  ClientRequest asked = co_await negotiate(env, session, *client, worker.negotiation, lane.rules.handshake_timeout);
  if (!asked.target || session.stopping()) co_return;
  session.admitted();
  if (asked.command == socks5::Command::udp_associate) {
    co_await serve_association(env, lane.rules, lane.keys, session, *client, std::move(*asked.target), lane.choice);
  } else if (asked.command == socks5::Command::bind) {
    co_await serve_bind(env, lane.rules, session, *client, std::move(asked));
  } else if (asked.protocol == ClientProtocol::http_plain) {
    const auto connect = [&env, &lane](LiveSession& upstream, net::Stream& requests, ClientRequest request) {
      return serve_connect(env, lane.rules, upstream, requests, std::move(request));
    };
    const HttpRules rules{worker.negotiation, lane.rules.handshake_timeout, connect};
    co_await serve_http(env, rules, session, *client, std::move(asked));
  } else {
    co_await serve_connect(env, lane.rules, session, *client, std::move(asked));
  }
}

}  // namespace ss::local
