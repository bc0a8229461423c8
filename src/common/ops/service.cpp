#include "ss/ops/service.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include "ss/ops/errno_text.hpp"
#include "ss/ops/process.hpp"
#include "ss/ops/signals.hpp"
#include "ss/telemetry/counters_line.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::ops {

namespace {

using telemetry::log_info;
using telemetry::log_warn;
using Workers = std::span<const std::unique_ptr<net::Worker>>;

// How often a draining process looks whether its last session has gone.
constexpr Duration kLookEvery = std::chrono::milliseconds(20);

class Threads {
 public:
  explicit Threads(Workers workers) : workers_(workers) {
    const SignalsBlocked blocked;
    try {
      for (const auto& worker : workers) threads_.emplace_back([&worker = *worker] { worker.run(); });
    } catch (const std::exception& error) {
      failure_ = fmt::format("a thread for each of {} workers: {}", workers.size(), error.what());
    }
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    for (const auto& worker : workers_) worker->stop();
    for (std::thread& thread : threads_) thread.join();
  }

  /// Why not every worker runs; empty where they all do.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  Workers workers_;
  std::string failure_;
  std::vector<std::thread> threads_;
};

std::uint32_t sessions_of(Workers workers) {
  std::uint32_t sessions = 0;
  for (const auto& worker : workers) sessions += worker->load();
  return sessions;
}

void on_each(Workers workers, const std::function<void(net::Worker&)>& fn) {
  for (const auto& worker : workers) {
    worker->post([&worker = *worker, &fn] { fn(worker); });
  }
}

// Asked for by hand, so not subject to the level.
void report(const ServiceHooks& hooks, Workers workers) {
  std::vector<const telemetry::Counters*> counters;
  for (const auto& worker : workers) counters.push_back(&worker->counters());
  telemetry::write_log(telemetry::Level::info, fmt::format("USR1: sessions {}, buffered {}, {}", sessions_of(workers),
                                                           hooks.buffered(), telemetry::counters_line(counters)));
}

void answer(Signals::Event event, const ServiceHooks& hooks, Workers workers) {
  if (event == Signals::Event::report) report(hooks, workers);
  if (event == Signals::Event::reload)
    log_warn("HUP: reload is not supported yet; restart to use a changed configuration");
  if (event == Signals::Event::replace)
    log_warn("USR2: replacing the binary is not supported yet; restart to run a new one");
}

int fail(std::string_view line) {
  // Not subject to the level: a process that ends says why.
  telemetry::write_log(telemetry::Level::error, line);
  return 1;
}

void wait_for_stop(const ServiceHooks& hooks, Workers workers, Signals& signals) {
  while (const auto event = signals.next(std::nullopt)) {
    if (event == Signals::Event::stop) return;
    answer(*event, hooks, workers);
  }
}

// Waits until no session is left, at most for `longest`, or until somebody asks again.
void wait_for_sessions(const ServiceHooks& hooks, Workers workers, Signals& signals, Duration longest) {
  const MonoTime deadline = system_clock().now() + longest;
  for (Duration left = longest; sessions_of(workers) > 0 && left > Duration{}; left = deadline - system_clock().now()) {
    const auto event = signals.next(std::min(kLookEvery, left));
    if (event == Signals::Event::stop) return;
    if (event) answer(*event, hooks, workers);
  }
}

}  // namespace

int run_service(const ServiceHooks& hooks, Workers workers) {
  Signals signals;
  if (signals.error() != 0) return fail(fmt::format("cannot start: signals: {}", errno_text(signals.error())));
  if (const auto failure = hooks.start()) return fail(*failure);
  PidFile pid_file;
  if (!hooks.pid_file.empty()) {
    const int error = pid_file.write(hooks.pid_file);
    if (error != 0) return fail(fmt::format("pid_file {}: {}", hooks.pid_file, errno_text(error)));
  }
  if (const auto failure = hooks.confine()) return fail(*failure);
  const Threads threads(workers);
  if (!threads.failure().empty()) return fail("cannot start: " + threads.failure());
  log_info("{}", hooks.ready_line());
  if (const int error = notify_manager("READY=1"); error != 0)
    log_warn("cannot tell the service manager: errno {}", error);

  wait_for_stop(hooks, workers, signals);
  notify_manager("STOPPING=1");
  hooks.stop_accepting();
  log_info("stopping; sessions still open: {}; the next signal ends them at once", sessions_of(workers));
  wait_for_sessions(hooks, workers, signals, hooks.drain_deadline);

  if (const std::uint32_t left = sessions_of(workers); left > 0) {
    log_warn("ending the sessions that are left: {}", left);
    on_each(workers, hooks.stop_sessions);
    wait_for_sessions(hooks, workers, signals, hooks.stop_deadline);
  }
  // What was asked for in time is answered, however soon the last session went.
  while (const auto event = signals.next(Duration{})) answer(*event, hooks, workers);
  log_info("stopped");
  return 0;
}

}  // namespace ss::ops
