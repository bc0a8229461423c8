#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ss/config/settings.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::ops {

/// One address that a program listens on, and what it does with a connection that arrives there.
struct Inbound {
  config::Listener listener;
  /// Serves one connection to its end. Threads: the worker's that `env` belongs to.
  std::function<net::Task<>(relay::Environment& env, std::unique_ptr<net::Stream> client)> serve;
};

/// Runs one program's inbounds on its workers until TERM or INT: opens the listeners, spawns a session for each
/// accepted connection, drains, stops.
///
/// @param title            begins the line that says what listens where, e.g. `ss-local`
/// @param default_workers  where the configuration leaves their number to us
/// @return  the exit code: 0, or 1 where a listener could not be had (it has been logged).
/// Threads: main's. Whatever the inbounds' functions point at outlives the call.
int run_engine(const std::string& title, const config::Settings& settings, unsigned default_workers,
               const std::vector<Inbound>& inbounds);

/// The dial options of a configuration.
net::DialOptions dial_options(const config::Settings& settings);

}  // namespace ss::ops
