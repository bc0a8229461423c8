#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "associations.hpp"
#include "modes.hpp"

namespace ss::bench {

namespace {

using std::chrono::milliseconds;
using Associations = std::vector<std::unique_ptr<Association>>;

constexpr auto kDrained = milliseconds(300);  // how long nothing comes before the rest counts as lost
constexpr auto kTick = milliseconds(1);
constexpr auto kMostBehind = milliseconds(4);  // a generator that was kept waiting longer does not catch up in a burst

Associations begin(Echoes& run, unsigned count) {
  Associations associations;
  for (unsigned i = 0; i < count; ++i) associations.push_back(std::make_unique<Association>(run, i));
  return associations;
}

void drain(Echoes& run) {
  const auto waiting_since = Clock::now();
  while (run.echoed < run.sent && Clock::now() - std::max(run.last_arrival, waiting_since) < kDrained) {
    run.load.poller.run_once(20);
  }
}

std::string figures(const Echoes& run, double seconds) {
  char text[160];
  std::snprintf(text, sizeof text, "\"packets\": %llu, \"lost\": %llu, \"seconds\": %.4f, \"pps\": %.0f",
                static_cast<unsigned long long>(run.echoed), static_cast<unsigned long long>(run.sent - run.echoed),
                seconds, static_cast<double>(run.sent) / seconds);
  return text;
}

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

std::string run_udp_echo(Load& load, const UdpPlan& plan) {
  Echoes run(load, plan.size, plan.window, plan.plain);
  const Associations associations = begin(run, plan.associations);
  const auto start = Clock::now();
  load.deadline = start + plan.duration;
  auto checked = start;
  for (const auto& association : associations) association->recover();
  while (!load.over()) {
    load.poller.run_once(20);
    if (Clock::now() - checked < kTick * 50) continue;
    checked = Clock::now();
    for (const auto& association : associations) association->recover();
  }
  drain(run);
  return figures(run, seconds_between(start, std::max(run.last_arrival, load.deadline)));
}

std::string run_udp_rate(Load& load, const UdpPlan& plan) {
  Echoes run(load, plan.size, 0, plan.plain);
  const Associations associations = begin(run, plan.associations);
  const auto start = Clock::now();
  load.deadline = start + plan.duration;
  const double rate = static_cast<double>(plan.rate);
  const std::size_t most =
      std::max<std::size_t>(1, static_cast<std::size_t>(rate * std::chrono::duration<double>(kMostBehind).count()));
  std::size_t turn = 0;
  auto last = start;
  double owed = 0;
  while (!load.over()) {
    load.poller.run_once(1);
    const auto now = Clock::now();
    if (now - last < kTick) continue;
    owed = std::min(owed + rate * seconds_between(last, now), static_cast<double>(most));
    last = now;
    auto due = static_cast<std::size_t>(owed);
    owed -= static_cast<double>(due);
    for (std::size_t left = associations.size(); left > 0 && due > 0; --left, ++turn) {
      const std::size_t share = (due + left - 1) / left;
      associations[turn % associations.size()]->send(share);
      due -= share;
    }
  }
  const auto end = Clock::now();
  drain(run);
  return figures(run, seconds_between(start, end));
}

std::string run_udp_idle(Load& load, const UdpPlan& plan) {
  Echoes run(load, plan.size, 0, plan.plain);
  const Associations associations = begin(run, plan.associations);
  std::printf("ready\n");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return "\"associations\": " + std::to_string(associations.size());
}

}  // namespace ss::bench
