#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "local_worker.hpp"
#include "ss/base/address.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// A connection to a server on which nothing was sent; or why there is none.
struct ServerLink {
  std::unique_ptr<net::Stream> stream;
  net::DialCause cause = net::DialCause::failed;  ///< `connected` with a stream
  Endpoint bound;                                 ///< our end of it
  const ServerLane* lane = nullptr;  ///< to whose server; without a stream: to the last one that was tried, if any
  bool warm = false;                 ///< it was there already
};

/// Which servers will do; null: all.
using ServerFits = bool (*)(const Server&);

/// Gets a connection to the server that the balancer chooses for `target`: a warm one, or it dials. Where that fails,
/// or takes longer than the server's connections do, the next one is tried; nothing has been sent anywhere then, so
/// nothing is sent twice.
///
/// What comes of it is told to the balancer and the pool, what moves to the log; that no server can be reached is
/// counted and logged, once for many clients. May send probes of other servers off.
/// @param session  its stop ends the dial: `cancelled`. Neither of its streams is set.
/// @return  without a stream and a lane where no server fits.
/// Threads: the worker's. Everything given outlives the task, and the probes.
net::Task<ServerLink> link_to_server(relay::Environment& env, relay::LiveSession& session, const LocalWorker& worker,
                                     const TargetAddress& target, ServerFits fits = nullptr);

/// Whether a first write on `link` will not go into a connection that the server has ended while something else was
/// waited for. A connection that was dialled for its client is taken to be open.
[[nodiscard]] bool is_open(const ServerLink& link);

/// Writes what a balancer says to the log.
void announce(const std::optional<std::string>& news);

/// Counts that no connection to `server` came about, and says so in one line for many clients: with the server away
/// every connection of a browser comes by here.
/// @param tried  how many servers were, of which this is the last.
void note_unreachable(relay::Environment& env, const Server& server, net::DialCause cause, std::size_t tried);

/// Tells the balancers what came of a connection to a server, and the log what they make of it. A dial that was
/// cancelled tells nothing.
/// @param tcp  null where there is one server.
void report_dial(Balancer* tcp, Balancer* udp, std::size_t server, const net::DialResult& result, Duration took,
                 MonoTime now);

}  // namespace ss::local
