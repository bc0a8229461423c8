#include "local_session.hpp"

#include <utility>

#include "http/session.hpp"
#include "local_worker.hpp"
#include "proxied_stream.hpp"
#include "servers/balancer.hpp"
#include "servers/server_link.hpp"
#include "udp/association.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using relay::Environment;
using relay::LiveSession;

namespace {

/// Where a client's association goes, for as long as it lives. It has many targets: what is sticky is the client.
const ServerLane& lane_for(Environment& env, const LocalWorker& worker, const net::Stream& client) {
  if (!worker.udp) return worker.lanes.front();
  const Endpoint from = client.peer_endpoint();
  const ServerOrder order = worker.udp->order({from.address, from.port}, env.timers.now());
  announce(order.news);
  return worker.lanes[order.tries[0].server];
}

/// Not a coroutine, so that the rules take no place in the frames of other clients.
net::Task<> serve_plain(Environment& env, const LocalWorker& worker, LiveSession& session, net::Stream& client,
                        ClientRequest asked) {
  const Duration limit = worker.lanes.front().rules.handshake_timeout;
  const auto connect = [&env, &worker](LiveSession& upstream, net::Stream& requests, ClientRequest request) {
    return serve_connect(env, worker, upstream, requests, std::move(request));
  };
  return serve_http(env, HttpRules{worker.negotiation, limit, connect}, session, client, std::move(asked));
}

}  // namespace

net::Task<> serve(Environment& env, const LocalWorker& worker, std::unique_ptr<net::Stream> client) {
  LiveSession session(env.sessions);
  session.client = client.get();
  const Duration limit = worker.lanes.front().rules.handshake_timeout;
  ClientRequest asked = co_await negotiate(env, session, *client, worker.negotiation, limit);
  if (!asked.target || session.stopping()) co_return;
  session.admitted();
  if (asked.command == socks5::Command::udp_associate) {
    const ServerLane& lane = lane_for(env, worker, *client);
    co_await serve_association(env, lane.rules, lane.keys, session, *client, std::move(*asked.target), lane.choice);
  } else if (asked.command == socks5::Command::bind) {
    co_await serve_bind(env, worker, session, *client, std::move(asked));
  } else if (asked.protocol == ClientProtocol::http_plain) {
    co_await serve_plain(env, worker, session, *client, std::move(asked));
  } else {
    co_await serve_connect(env, worker, session, *client, std::move(asked));
  }
}

}  // namespace ss::local
