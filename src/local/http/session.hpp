#pragma once

#include <functional>

#include "client_request.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// What a client of plain HTTP is served by.
struct HttpRules {
  const NegotiationRules& negotiation;
  Duration head_timeout{};  ///< for the head of one request
  /// Opens an upstream to a target, answers and relays until it ends (serve_connect).
  std::function<net::Task<>(relay::LiveSession& session, net::Stream& client, ClientRequest asked)> connect;
};

/// Serves a client that began with a plain HTTP request to the end of its connection: every request goes to the target
/// that it names, one after another, over one upstream for as long as the target stays the same.
///
/// What became of a target that cannot be reached the client is told by an error page; an answer that breaks off
/// becomes a reset. A request that changes nothing is sent again where a kept upstream turns out to have ended. CONNECT
/// after plain requests makes the connection a tunnel.
/// @param asked  the first request; `http_plain`.
/// Threads: the worker's. Everything given outlives the task.
net::Task<> serve_http(relay::Environment& env, HttpRules rules, relay::LiveSession& session, net::Stream& client,
                       ClientRequest asked);

}  // namespace ss::local
