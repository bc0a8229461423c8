// The load generator: one thread, epoll, every byte checked. Prints one JSON object.
//
// bench_load serve PORT                                      the target, until it is ended
// bench_load bulk-up|bulk-down|short|ping|idle TARGET_PORT [--via SOCKS_PORT] [--connections N] [--bytes N] [--seconds
// N]
// bench_load udp-echo|udp-rate|udp-idle TARGET_PORT [--via SOCKS_PORT] [--connections ASSOCIATIONS] [--size N]
// [--window N] [--rate N] [--milliseconds N] [--plain 1]

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "modes.hpp"
#include "pattern.hpp"
#include "target.hpp"

namespace {

constexpr unsigned kBulkLimit = 120;  // seconds that a bulk or idle run may take

[[noreturn]] void usage() {
  std::fprintf(stderr,
               "bench_load serve PORT\n"
               "bench_load bulk-up|bulk-down|short|ping|idle TARGET_PORT"
               " [--via SOCKS_PORT] [--connections N] [--bytes N] [--seconds N]\n"
               "bench_load udp-echo|udp-rate|udp-idle TARGET_PORT [--via SOCKS_PORT] [--connections ASSOCIATIONS]"
               " [--size N] [--window N] [--rate N] [--milliseconds N] [--plain 1]\n");
  std::exit(2);
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) usage();
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  const std::string_view mode = words[1];
  const auto port = static_cast<std::uint16_t>(std::strtoul(words[2], nullptr, 10));
  if (mode == "serve") ss::bench::serve(port);

  std::map<std::string_view, std::uint64_t> options{{"--via", 0},       {"--connections", 1},     {"--bytes", 1U << 30},
                                                    {"--seconds", 2},   {"--size", 1200},         {"--window", 32},
                                                    {"--rate", 10'000}, {"--milliseconds", 1000}, {"--plain", 0}};
  for (int i = 3; i < count; i += 2) {
    if (i + 1 == count || !options.contains(words[i])) usage();
    options[words[i]] = std::strtoull(words[i + 1], nullptr, 10);
  }
  const auto connections = static_cast<unsigned>(options["--connections"]);
  const bool timed = mode == "short" || mode == "ping";
  ss::bench::pattern();  // made before the clock starts

  ss::bench::Load load;
  load.target = port;
  load.via = static_cast<std::uint16_t>(options["--via"]);
  load.deadline = ss::bench::Clock::now() + std::chrono::seconds(timed ? options["--seconds"] : kBulkLimit);
  const ss::bench::UdpPlan udp{
      connections,       options["--size"],       static_cast<unsigned>(options["--window"]),
      options["--rate"], options["--plain"] != 0, std::chrono::milliseconds(options["--milliseconds"])};
  if (udp.size < 8 || udp.size > 65'000) usage();
  std::string figures;
  if (mode == "bulk-up" || mode == "bulk-down") {
    figures = ss::bench::run_bulk(load, mode == "bulk-up", connections, options["--bytes"]);
  } else if (mode == "short") {
    figures = ss::bench::run_short(load, connections);
  } else if (mode == "ping") {
    figures = ss::bench::run_ping(load, connections);
  } else if (mode == "idle") {
    figures = ss::bench::run_idle(load, connections);
  } else if (mode == "udp-echo") {
    figures = ss::bench::run_udp_echo(load, udp);
  } else if (mode == "udp-rate") {
    figures = ss::bench::run_udp_rate(load, udp);
  } else if (mode == "udp-idle") {
    figures = ss::bench::run_udp_idle(load, udp);
  } else {
    usage();
  }
  std::printf("{%s, \"errors\": %llu, \"own_cpu\": %.3f}\n", figures.c_str(),
              static_cast<unsigned long long>(load.errors), own_cpu_seconds());
  return 0;
}
