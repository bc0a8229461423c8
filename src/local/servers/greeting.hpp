#pragma once

#include "local_session.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// Asks the server, by the operation HELLO, whose program it is, so that the first client already gets a true answer. A
/// stock server ends the stream: to it this is a request to an address that nobody can connect to.
///
/// Asked at the start, and before a BIND where it is still not known whose the server is; else its answers to clients
/// tell. Nothing changes where the server cannot be reached. Threads: the worker's.
net::Task<> greet(relay::Environment& env, const SessionRules& rules);

}  // namespace ss::local
