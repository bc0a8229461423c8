#pragma once

#include "local_session.hpp"
#include "local_worker.hpp"
#include "ss/base/clock.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// How long a connection is waited for, and then the whole answer.
inline constexpr Duration kGreetingTime = std::chrono::seconds(5);
/// For so long a client waits at most while servers are asked for it.
inline constexpr Duration kSearchTime = std::chrono::seconds(5);

/// Asks the server, by the operation HELLO, whose program it is, so that the first client already gets a true answer. A
/// stock server ends the stream: to it this is a request to an address that nobody can connect to.
///
/// Asked at the start, and before a BIND where it is still not known whose the server is; else its answers to clients
/// tell. Nothing changes where the server cannot be reached. Threads: the worker's.
/// @pre  streams may go to it.
/// @param longest  for connection and answer together.
net::Task<> greet(relay::Environment& env, const SessionRules& rules, Duration longest = 2 * kGreetingTime);

/// Asks servers of which it is not known whose they are, one after another, until one is known to be ours.
/// @param asker  its stop ends the search after the server that is being asked.
net::Task<> find_ours(relay::Environment& env, relay::LiveSession& asker, const LocalWorker& worker);

}  // namespace ss::local
