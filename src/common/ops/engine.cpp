#include "ss/ops/engine.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include "ss/cipher/random.hpp"
#include "ss/net/ares_resolver.hpp"
#include "ss/net/datagram_listener.hpp"
#include "ss/net/host_addresses.hpp"
#include "ss/net/listener.hpp"
#include "ss/net/worker.hpp"
#include "ss/ops/listen_failure.hpp"
#include "ss/ops/service.hpp"
#include "ss/relay/worker_state.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::ops {

namespace {

/// Bytes in a socket that may wait to be sent before the engine stops writing: enough to keep a path busy between two
/// turns, little enough that a slow one holds no second's worth of data back.
constexpr int kNotSentLowWater = 128 * 1024;

net::SocketOptions socket_options(const config::SocketOptions& from, const config::BufferSizes& buffers,
                                  bool fast_open) {
  net::SocketOptions options;
  options.no_delay = from.no_delay;
  options.keep_alive = from.keep_alive;
  options.not_sent_low_water = kNotSentLowWater;
  options.send_buffer = buffers.send;
  options.recv_buffer = buffers.receive;
  options.dscp = from.dscp.value_or(0);
  for (const IpAddress& address : from.bind_addresses) (address.is_v4() ? options.bind_v4 : options.bind_v6) = address;
  options.bind_interface = from.bind_interface;
  options.fwmark = from.fwmark.value_or(0);
  options.fast_open = fast_open;
  options.mptcp = from.mptcp;
  return options;
}

/// The addresses that a listener's name stands for, looked up once at start.
std::vector<Endpoint> endpoints_of(const TargetAddress& address) {
  if (!address.is_domain()) return {{address.ip(), address.port()}};
  std::vector<Endpoint> endpoints;
  for (const IpAddress& ip : net::resolve_now(address.domain())) endpoints.push_back({ip, address.port()});
  return endpoints;
}

/// A machine without IPv6: "everywhere" is IPv4 then.
bool is_everywhere_without_ipv6(const Endpoint& endpoint, int error) {
  return error == EAFNOSUPPORT && endpoint.address == IpAddress(IpAddress::V6{});
}

/// Everything that lives as long as the program runs.
class Engine {
 public:
  Engine(const EngineOptions& program, const config::Settings& settings, const std::vector<Inbound>& inbounds);

  int run();

 private:
  std::optional<std::string> open_all();
  std::optional<std::string> open(const Inbound& inbound, const Endpoint& endpoint);
  std::optional<std::string> open_streams(const Inbound& inbound, const Endpoint& endpoint,
                                          const net::ListenOptions& options);
  std::optional<std::string> open_datagrams(const Inbound& inbound, const Endpoint& endpoint,
                                            const net::ListenOptions& options);
  [[nodiscard]] std::vector<net::Worker*> all_workers() const;
  void note_ready(std::string_view protocol, const Endpoint& endpoint);
  [[nodiscard]] std::string ready_line() const;
  [[nodiscard]] std::optional<std::string> confine() const;
  relay::WorkerState& state_of(const net::Worker& worker) { return *states_[worker.index()]; }

  std::string title_;
  const SandboxPlan sandbox_;
  const config::Settings& settings_;
  const std::vector<Inbound>& inbounds_;
  relay::HeldTotal held_total_;
  relay::LogThrottles throttles_;
  // Sessions that did not end go with their worker, and point at its state until then; so states go after workers.
  std::vector<std::unique_ptr<relay::WorkerState>> states_;
  std::vector<std::unique_ptr<std::vector<ServeStream>>> serve_;  // by listener, then by worker
  std::vector<std::unique_ptr<net::Worker>> workers_;
  std::vector<std::unique_ptr<net::Listeners>> listeners_;
  struct DatagramsAt {
    Endpoint endpoint;
    bool dual_stack = false;
  };
  std::vector<DatagramsAt> datagrams_at_;
  std::string listening_;
};

Engine::Engine(const EngineOptions& program, const config::Settings& settings, const std::vector<Inbound>& inbounds)
    : title_(program.title),
      sandbox_(program.sandbox),
      settings_(settings),
      inbounds_(inbounds),
      held_total_(settings.max_buffered) {
  const relay::SessionList::Limits limits{settings.timeouts.idle, settings.timeouts.half_closed};
  net::ResolverOptions names;
  names.nameservers = settings.dns.nameservers;
  names.use_cache = settings.dns.cache;
  names.max_questions = settings.dns.max_questions;
  for (unsigned i = 0; i < program.workers; ++i) {
    auto worker = std::make_unique<net::Worker>(
        i, socket_options(settings.sockets, settings.sockets.outbound, program.fast_open_dials));
    worker->set_resolver(net::make_ares_resolver(*worker, names));
    states_.push_back(
        std::make_unique<relay::WorkerState>(*worker, cipher::kernel_entropy(), limits, held_total_, throttles_));
    workers_.push_back(std::move(worker));
  }
}

std::optional<std::string> Engine::open_all() {
  for (const Inbound& inbound : inbounds_) {
    const std::vector<Endpoint> endpoints = endpoints_of(inbound.listener.address);
    if (endpoints.empty()) return inbound.listener.address.to_string() + ": the name to listen on cannot be resolved";
    std::optional<std::string> failure;
    bool opened = false;
    for (const Endpoint& endpoint : endpoints) {
      failure = open(inbound, endpoint);
      opened |= !failure;
      if (failure && endpoints.size() > 1) telemetry::log_warn("{}", *failure);
    }
    // A name may stand for an address that this machine lacks; one that works is enough.
    if (!opened) return failure;
  }
  return std::nullopt;
}

std::optional<std::string> Engine::open(const Inbound& inbound, const Endpoint& endpoint) {
  net::ListenOptions options;
  options.accepted = socket_options(settings_.sockets, settings_.sockets.inbound, false);
  options.v6_only = inbound.listener.v6_only;
  options.fast_open = settings_.sockets.fast_open;
  options.share_port = settings_.sockets.reuse_port;
  if (inbound.streams) {
    std::optional<std::string> failure = open_streams(inbound, endpoint, options);
    if (failure) return failure;
  }
  if (inbound.datagrams) {
    std::optional<std::string> failure = open_datagrams(inbound, endpoint, options);
    if (failure && !inbound.datagrams_optional) return failure;
    if (failure) telemetry::log_warn("{}; TCP alone is served there (\"mode\": \"tcp_only\" silences this)", *failure);
  }
  return std::nullopt;
}

std::optional<std::string> Engine::open_streams(const Inbound& inbound, const Endpoint& endpoint,
                                                const net::ListenOptions& options) {
  const bool covered =
      std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& l) { return l->covers(endpoint); });
  if (covered) return std::nullopt;
  net::ListenResult result = net::open_listeners(endpoint, all_workers(), options);
  if (!result.listeners && is_everywhere_without_ipv6(endpoint, result.error)) {
    return open_streams(inbound, {IpAddress(IpAddress::V4{}), endpoint.port}, options);
  }
  if (!result.listeners) return describe_listen_failure(endpoint, result.error, result.holder);
  auto serve = std::make_unique<std::vector<ServeStream>>();
  for (const auto& state : states_) serve->push_back(inbound.streams(state->env()));
  result.listeners->start([&serve = *serve](net::Worker& worker, std::unique_ptr<net::Stream> client) {
    worker.spawner().spawn(serve[worker.index()](std::move(client)));
  });
  serve_.push_back(std::move(serve));
  note_ready("tcp", result.listeners->endpoint());
  listeners_.push_back(std::move(result.listeners));
  return std::nullopt;
}

std::optional<std::string> Engine::open_datagrams(const Inbound& inbound, const Endpoint& endpoint,
                                                  const net::ListenOptions& options) {
  const bool covered = std::any_of(datagrams_at_.begin(), datagrams_at_.end(), [&](const DatagramsAt& at) {
    return at.endpoint == endpoint || (at.dual_stack && endpoint.address.is_v4() && at.endpoint.port == endpoint.port);
  });
  if (covered) return std::nullopt;
  net::DatagramListenResult result = net::open_datagram_listeners(endpoint, all_workers(), options);
  if (result.sockets.empty() && is_everywhere_without_ipv6(endpoint, result.error)) {
    return open_datagrams(inbound, {IpAddress(IpAddress::V4{}), endpoint.port}, options);
  }
  if (result.sockets.empty()) return "UDP: " + describe_listen_failure(endpoint, result.error, result.holder);
  for (std::size_t i = 0; i < result.sockets.size(); ++i) {
    net::Worker& worker = *workers_[i];
    worker.spawner().spawn(inbound.datagrams(state_of(worker).env(), worker, std::move(result.sockets[i])));
  }
  note_ready("udp", result.endpoint);
  datagrams_at_.push_back({result.endpoint, result.dual_stack});
  return std::nullopt;
}

std::vector<net::Worker*> Engine::all_workers() const {
  std::vector<net::Worker*> workers;
  workers.reserve(workers_.size());
  for (const auto& worker : workers_) workers.push_back(worker.get());
  return workers;
}

void Engine::note_ready(std::string_view protocol, const Endpoint& endpoint) {
  if (!listening_.empty()) listening_ += ", ";
  listening_ += fmt::format("{} ({})", endpoint.to_string(), protocol);
}

std::string Engine::ready_line() const {
  const std::string workers = workers_.size() == 1 ? "1 worker" : fmt::format("{} workers", workers_.size());
  return fmt::format("{} listens on {}, {}", title_, listening_, workers);
}

std::optional<std::string> Engine::confine() const {
  const SandboxOutcome outcome = enter_sandbox(sandbox_);
  if (!outcome.failure.empty()) return outcome.failure;
  for (const std::string& missing : outcome.missing) telemetry::log_info("sandbox: not all of it: {}", missing);
  if (!outcome.held.empty()) telemetry::log_info("sandbox: {}", fmt::join(outcome.held, ", "));
  return std::nullopt;
}

int Engine::run() {
  ServiceHooks hooks;
  hooks.start = [this] { return open_all(); };
  hooks.ready_line = [this] { return ready_line(); };
  hooks.stop_accepting = [this] {
    for (const auto& listeners : listeners_) listeners->close();
    for (const auto& worker : workers_) {
      worker->post([this, &worker = *worker] { state_of(worker).env().sessions.stop_starting(); });
    }
  };
  hooks.stop_sessions = [this](net::Worker& worker) { state_of(worker).env().sessions.stop_all(); };
  hooks.confine = [this] { return confine(); };
  hooks.buffered = [this] { return held_total_.read(); };
  hooks.pid_file = settings_.pid_file;
  return run_service(hooks, workers_);
}

}  // namespace

int run_engine(const EngineOptions& program, const config::Settings& settings, const std::vector<Inbound>& inbounds) {
  try {
    Engine engine(program, settings, inbounds);
    return engine.run();
  } catch (const std::exception& error) {
    // Descriptors, threads or memory that the system would not give.
    telemetry::write_log(telemetry::Level::error,
                         "cannot start " + std::to_string(program.workers) + " workers: " + error.what());
    return 1;
  }
}

unsigned worker_count(const config::Settings& settings, unsigned automatic) {
  return settings.workers != 0 ? settings.workers : std::max(1U, automatic);
}

SandboxPlan sandbox_plan(const config::Settings& settings) {
  SandboxPlan plan;
  plan.sandbox = settings.sandbox;
  plan.user = settings.user;
  plan.pid_file = settings.pid_file;
  plan.marks = settings.sockets.fwmark.has_value();
  plan.binds_device = !settings.sockets.bind_interface.empty();
  return plan;
}

net::DialOptions dial_options(const config::Settings& settings) {
  net::DialOptions options;
  options.connect_timeout = settings.timeouts.connect;
  return options;
}

}  // namespace ss::ops
