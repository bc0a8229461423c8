#include <gtest/gtest.h>

#include "sim/fleet_run.hpp"

namespace ss::sim {
namespace {

using Outage = FleetScenario::Outage;

// Sanitizers make a run many times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kSeeds = 1;
constexpr int kEvery = 24;
#else
constexpr std::uint64_t kSeeds = 10;
constexpr int kEvery = 2;
#endif

std::vector<FleetScenario> scenarios() {
  std::vector<FleetScenario> all;
  for (const char* method : {"2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305"}) {
    const std::string suffix = std::string(" over ") + method;
    all.push_back({"warm, truth told" + suffix, method});
    all.push_back({"warm, told at once" + suffix, method, 1, 5, true, true});
    all.push_back({"warm, speaks late" + suffix, method, 1, 5, true, true, true});
    all.push_back({"warm, server closes" + suffix, method, 1, 12, true, false, false, true});
    all.push_back({"warm, speaks late, server closes" + suffix, method, 1, 12, true, true, true, true});
    all.push_back({"warm, acknowledged late" + suffix, method, 1, 5, true, false, false, false, Outage::none, true});
    for (const Outage outage : {Outage::refuses, Outage::vanishes, Outage::dies}) {
      for (const bool warm : {true, false}) {
        const std::string name = "outage " + std::to_string(static_cast<int>(outage)) + (warm ? ", warm" : ", cold");
        all.push_back({name + suffix, method, 2, 12, warm, false, false, false, outage});
      }
    }
  }
  return all;
}

std::string describe(const FleetScenario& scenario, std::uint64_t seed, Split split, FaultPlan plan) {
  return scenario.name + ", seed " + std::to_string(seed) + ", split " + std::to_string(static_cast<int>(split)) +
         ", fault " + std::string(name_of(plan.fault)) + " at step " + std::to_string(plan.step);
}

TEST(FleetSimulation, LetsNobodyDownWithoutFaults) {
  for (const FleetScenario& scenario : scenarios()) {
    for (const Split split : {Split::whole, Split::one_byte, Split::random}) {
      for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        const Report report = run_fleet(scenario, seed, split, {});
        EXPECT_EQ(report.violation, "") << describe(scenario, seed, split, {});
      }
    }
  }
}

TEST(FleetSimulation, SameSeedGivesSameTrace) {
  for (const FleetScenario& scenario : scenarios()) {
    const Report first = run_fleet(scenario, 7, Split::random, {});
    const Report second = run_fleet(scenario, 7, Split::random, {});
    EXPECT_EQ(first.trace, second.trace) << scenario.name;
    EXPECT_NE(first.trace, run_fleet(scenario, 8, Split::random, {}).trace) << scenario.name;
  }
}

// As in PairSimulation, with four clients, of which two come when there are warm connections; some of
// the cases.
TEST(FleetSimulation, HoldsItsInvariantsWithAFaultAtEveryStep) {
  for (FleetScenario scenario : scenarios()) {
    scenario.clients = 4;
    const std::uint64_t steps = run_fleet(scenario, 5, Split::whole, {}).steps;
    for (std::uint64_t step = 0; step < steps; ++step) {
      for (int fault = 1 + static_cast<int>(step % kEvery); fault <= static_cast<int>(kLastStreamFault);
           fault += kEvery) {
        const FaultPlan plan{step, static_cast<Fault>(fault)};
        const Report report = run_fleet(scenario, 5, Split::whole, plan);
        ASSERT_EQ(report.violation, "") << describe(scenario, 5, Split::whole, plan);
        ASSERT_TRUE(report.struck) << describe(scenario, 5, Split::whole, plan);
      }
    }
  }
}

}  // namespace
}  // namespace ss::sim
