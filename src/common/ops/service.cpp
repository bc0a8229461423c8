#include "ss/ops/service.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include "ss/ops/process.hpp"
#include "ss/ops/signals.hpp"
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
    for (const auto& worker : workers) threads_.emplace_back([&worker = *worker] { worker.run(); });
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    for (const auto& worker : workers_) worker->stop();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  Workers workers_;
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

void answer_reload() {
  log_warn("HUP: reload is not supported yet; restart to use a changed configuration");
}

void wait_for_stop(Signals& signals) {
  while (const auto event = signals.next(std::nullopt)) {
    if (event == Signals::Event::stop) return;
    if (event == Signals::Event::reload) answer_reload();
  }
}

// Waits until no session is left, at most for `longest`, or until somebody asks again.
void wait_for_sessions(Workers workers, Signals& signals, Duration longest) {
  const MonoTime deadline = system_clock().now() + longest;
  for (Duration left = longest; sessions_of(workers) > 0 && left > Duration{}; left = deadline - system_clock().now()) {
    const auto event = signals.next(std::min(kLookEvery, left));
    if (event == Signals::Event::stop) return;
    if (event == Signals::Event::reload) answer_reload();
  }
}

}  // namespace

int run_service(const ServiceHooks& hooks, Workers workers) {
  Signals signals;
  if (const auto failure = hooks.start()) {
    telemetry::write_log(telemetry::Level::error, *failure);
    return 1;
  }
  const Threads threads(workers);
  log_info("{}", hooks.ready_line());
  if (const int error = notify_manager("READY=1"); error != 0)
    log_warn("cannot tell the service manager: errno {}", error);

  wait_for_stop(signals);
  notify_manager("STOPPING=1");
  hooks.stop_accepting();
  log_info("stopping; sessions still open: {}; the next signal ends them at once", sessions_of(workers));
  wait_for_sessions(workers, signals, hooks.drain_deadline);

  if (const std::uint32_t left = sessions_of(workers); left > 0) {
    log_warn("ending the sessions that are left: {}", left);
    on_each(workers, hooks.stop_sessions);
    wait_for_sessions(workers, signals, hooks.stop_deadline);
  }
  log_info("stopped");
  return 0;
}

}  // namespace ss::ops
