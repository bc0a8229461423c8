#include <gtest/gtest.h>

#include <vector>

#include "sim/udp_scenario.hpp"

namespace ss::sim {
namespace {

std::vector<UdpScenario> scenarios() {
  std::vector<UdpScenario> all;
  for (const char* method : {"2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305"}) {
    const std::string over = std::string(" over ") + method;
    all.push_back({.name = "echo" + over, .method = method});
    all.push_back({.name = "fragments" + over, .method = method, .fragments = true});
    all.push_back({.name = "one shuts" + over, .method = method, .leaves = Departure::shuts});
    all.push_back({.name = "one resets" + over, .method = method, .leaves = Departure::resets});
    all.push_back({.name = "by name" + over, .method = method, .by_name = true});
    all.push_back({.name = "recorded" + over, .method = method, .recorded = true, .workers = 2});
    all.push_back({.name = "in TCP" + over, .method = method, .over_tcp = config::UdpOverTcp::on});
    all.push_back(
        {.name = "fragments in TCP" + over, .method = method, .fragments = true, .over_tcp = config::UdpOverTcp::on});
    all.push_back({.name = "one resets in TCP" + over,
                   .method = method,
                   .leaves = Departure::resets,
                   .over_tcp = config::UdpOverTcp::on});
  }
  // Packets get through, or do so only after the applications have probed once.
  for (const char* method : {"2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305"}) {
    const std::string with = std::string(" with ") + method;
    all.push_back({.name = "found out" + with, .method = method, .over_tcp = config::UdpOverTcp::automatic});
    all.push_back({.name = "blocked at first" + with,
                   .method = method,
                   .over_tcp = config::UdpOverTcp::automatic,
                   .between = {.lost = kAlways},
                   .healed = std::chrono::seconds(100)});
  }
  all.push_back({.name = "echo over XChaCha20", .method = "2022-blake3-chacha20-poly1305"});
  // So large that every frame goes over the end of a chunk.
  all.push_back(
      {.name = "large in TCP", .method = "chacha20-ietf-poly1305", .over_tcp = config::UdpOverTcp::on, .size = 18'000});
  return all;
}

std::string describe(const UdpScenario& scenario, std::uint64_t seed, Split split, FaultPlan plan) {
  return scenario.name + ", seed " + std::to_string(seed) + ", split " + std::to_string(static_cast<int>(split)) +
         ", fault " + std::string(name_of(plan.fault)) + " at step " + std::to_string(plan.step);
}

TEST(UdpSimulation, DeliversEverythingOnceWithoutFaults) {
  for (const UdpScenario& scenario : scenarios()) {
    for (const Split split : {Split::whole, Split::one_byte, Split::random}) {
      if (split == Split::one_byte && scenario.size > 1'000) continue;  // takes longer than an application waits
      const Report report = run_udp(scenario, 1, split, {});
      EXPECT_EQ(report.violation, "") << describe(scenario, 1, split, {});
    }
  }
}

TEST(UdpSimulation, SameSeedGivesSameTrace) {
  for (const UdpScenario& scenario : scenarios()) {
    const Report first = run_udp(scenario, 7, Split::random, {});
    EXPECT_EQ(first.trace, run_udp(scenario, 7, Split::random, {}).trace) << scenario.name;
    EXPECT_NE(first.trace, run_udp(scenario, 8, Split::random, {}).trace) << scenario.name;
  }
}

/// One case in so many is run: under AddressSanitizer each takes ten times as long.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t kShare = 8;
#else
constexpr std::uint64_t kShare = 1;
#endif

/// Those that strike a run over UDP in a way of their own.
std::vector<Fault> faults() {
  std::vector<Fault> all;
  for (int fault = 1; fault <= static_cast<int>(kLastFault); ++fault) all.push_back(static_cast<Fault>(fault));
  std::erase_if(all, [](Fault each) {
    return each == Fault::broken_pipe || each == Fault::timed_out || each == Fault::network_down;
  });
  return all;
}

// Every I/O step × every fault, one fault a run; a receive hands over all there is, or a random part of it.
TEST(UdpSimulation, HoldsItsInvariantsWithAFaultAtEveryStep) {
  const std::vector<UdpScenario> all = scenarios();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Split split = i % 2 == 0 ? Split::whole : Split::random;
    const std::uint64_t steps = run_udp(all[i], 5, split, {}).steps;
    const std::uint64_t share = all[i].size > 1'000 ? 3 * kShare : kShare;  // moving so many bytes takes time
    for (std::uint64_t step = 0; step < steps; ++step) {
      for (const Fault fault : faults()) {
        if ((step + static_cast<std::uint64_t>(fault)) % share != 0) continue;
        const FaultPlan plan{step, fault};
        const Report report = run_udp(all[i], 5, split, plan);
        ASSERT_EQ(report.violation, "") << describe(all[i], 5, split, plan);
        ASSERT_TRUE(report.struck) << describe(all[i], 5, split, plan);
      }
    }
  }
}

// Many faults at once, by chance: the path between the programs, and sockets that are short of room.
TEST(UdpSimulation, HoldsItsInvariantsOverABadPath) {
  for (UdpScenario scenario : scenarios()) {
    scenario.between = {.lost = 150, .doubled = 300, .reordered = 200, .cut = 50, .flipped = 50};
    scenario.sockets = {.blocked = 100, .spurious = 100, .send_room = 2};
    scenario.healed = std::chrono::seconds(4);
    scenario.datagrams = 12;
    for (std::uint64_t seed = 1; seed <= 200 / kShare; ++seed) {
      const Report report = run_udp(scenario, seed, Split::random, {});
      EXPECT_EQ(report.violation, "") << describe(scenario, seed, Split::random, {});
    }
  }
}

}  // namespace
}  // namespace ss::sim
