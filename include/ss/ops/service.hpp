#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "ss/base/clock.hpp"
#include "ss/net/worker.hpp"

namespace ss::ops {

/// What is particular to one program in the life that both lead.
struct ServiceHooks {
  /// Binds and begins to accept, on every worker, before the first one runs. Threads: the caller's.
  /// @return  nothing, or one line that says what could not be had and why.
  std::function<std::optional<std::string>()> start;
  /// Gives up what is needed no more: after `start` and the file with the process ID, before there are threads.
  /// @return  as of `start`.
  std::function<std::optional<std::string>()> confine = [] { return std::nullopt; };
  /// The line that says what listens where. Called once, when everything accepts.
  std::function<std::string()> ready_line;
  /// Accepts nothing more from now on. Threads: the caller's.
  std::function<void()> stop_accepting;
  /// Wakes the sessions of that worker up to end. Threads: the worker's.
  std::function<void(net::Worker&)> stop_sessions;

  /// How many bytes are kept for slow receivers, for the answer to USR1. Threads: the caller's.
  std::function<std::uint64_t()> buffered = [] { return std::uint64_t{0}; };

  /// Where the process ID stands from the moment `start` has succeeded until the end; empty: nowhere. Not earlier: a
  /// second start that fails leaves the file of the first one alone.
  std::string pid_file;

  /// How long sessions may go on after the first TERM.
  Duration drain_deadline = std::chrono::seconds(10);
  /// How long sessions that were told to end may take for it.
  Duration stop_deadline = std::chrono::seconds(1);
};

/// Runs a service until TERM or INT has ended it: starts a thread for each worker, tells the service manager and the
/// log when it is ready, drains at the first signal and stops at once at the second, or when the drain deadline has
/// come. HUP and USR2 are answered in the log, USR1 by what the workers have counted. When it returns, every thread has
/// ended and no worker runs.
///
/// @return  the exit code: 0, or 1 where it could not be started (the reason has been logged).
/// Threads: main's. The workers and what the hooks point at belong to the caller.
int run_service(const ServiceHooks& hooks, std::span<const std::unique_ptr<net::Worker>> workers);

}  // namespace ss::ops
