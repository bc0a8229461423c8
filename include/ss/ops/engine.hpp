#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ss/config/settings.hpp"
#include "ss/net/datagram.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/net/worker.hpp"
#include "ss/ops/sandbox.hpp"
#include "ss/relay/environment.hpp"

namespace ss::ops {

/// Serves one connection to its end. Threads: the worker's that it was made for.
using ServeStream = std::function<net::Task<>(std::unique_ptr<net::Stream> client)>;

/// One address that a program listens on, and what it does with what arrives there.
struct Inbound {
  config::Listener listener;
  /// Connections: called once for each worker before any of them runs, makes what serves them there. Null: none are
  /// taken.
  std::function<ServeStream(relay::Environment& env)> streams;
  /// Datagrams: the same, starting from the worker's own socket. Null: none are taken.
  std::function<net::Task<>(relay::Environment& env, net::Worker& worker, std::unique_ptr<net::Datagram> socket)>
      datagrams;
  /// Connections are worth serving where the UDP port cannot be had (a `mode` that nobody wrote).
  bool datagrams_optional = false;
};

/// What tells one program's engine from the other's.
struct EngineOptions {
  std::string title;  ///< begins the line that says what listens where, e.g. `ss-local`
  unsigned workers = 1;
  bool fast_open_dials =
      false;  ///< outgoing connections begin with their first write: not where the other end may speak first
  SandboxPlan sandbox{};
};

/// Runs one program's inbounds on its workers until TERM or INT: opens the listeners, spawns a session for each
/// accepted connection, drains, stops.
///
/// @return  the exit code: 0, or 1 where a listener or worker could not be had (it has been logged).
/// Threads: main's. Whatever the inbounds' functions point at outlives the call.
int run_engine(const EngineOptions& program, const config::Settings& settings, const std::vector<Inbound>& inbounds);

/// `settings.workers`, or `automatic` where that is left to us.
unsigned worker_count(const config::Settings& settings, unsigned automatic);

/// What a configuration needs once everything is bound, of which no program makes an exception.
SandboxPlan sandbox_plan(const config::Settings& settings);

/// The dial options of a configuration.
net::DialOptions dial_options(const config::Settings& settings);

}  // namespace ss::ops
