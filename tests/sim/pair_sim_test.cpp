#include <gtest/gtest.h>

#include "sim/network.hpp"
#include "sim/pair_run.hpp"

namespace ss::sim {
namespace {

using namespace std::chrono_literals;

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  for (const char* method : {"2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305"}) {
    const std::string suffix = std::string(" over ") + method;
    all.push_back({"exchange" + suffix, method, 700, 900});
    all.push_back({"answer after half-close" + suffix, method, 300, 1200, true});
    all.push_back({"server first, by name" + suffix, method, 40, 500, false, true, true});
    all.push_back({"silent application" + suffix, method, 0, 300, false, false, false});
    all.push_back({"silent target" + suffix, method, 300, 0, false, false, true});
    all.push_back({"target resets" + suffix, method, 60, 9000, false, true, false, true});
    Scenario told{"truth told" + suffix, method, 200, 300};
    told.known_ours = true;
    all.push_back(told);
    told.name = "told at once" + suffix;
    told.optimistic = true;
    all.push_back(told);
    told.name = "told at once of a refusal" + suffix;
    told.target_refuses = true;
    all.push_back(told);
    told.name = "truth of a refusal" + suffix;
    told.optimistic = false;
    all.push_back(told);
    told = {"stock server in the place of ours" + suffix, method, 200, 300};
    told.known_ours = told.stock_server = true;
    all.push_back(told);
    told = {"truth of a slow target" + suffix, method, 200, 300};
    told.known_ours = true;
    told.target_takes = 3s;
    all.push_back(told);
    told.name = "truth of a slow refusal" + suffix;
    told.target_refuses = true;
    all.push_back(told);
    told = {"truth of a silent target" + suffix, method, 200, 0};
    told.known_ours = true;
    told.target_takes = Network::kForEver;
    all.push_back(told);
    told = {"application resets during a dial" + suffix, method, 200, 300};
    told.known_ours = told.application_resets = true;
    told.target_takes = 3s;
    all.push_back(told);
    told = {"bind" + suffix, method, 200, 300, false, true};
    told.known_ours = true;
    told.bind = Scenario::Bind::peer;
    all.push_back(told);
    told.name = "bind with a stranger" + suffix;
    told.bind = Scenario::Bind::stranger;
    all.push_back(told);
    told.name = "deserted bind" + suffix;
    told.bind = Scenario::Bind::deserted;
    told.application_keeps_open = false;
    all.push_back(told);
  }
  return all;
}

std::string describe(const Scenario& scenario, std::uint64_t seed, Split split, FaultPlan plan) {
  return scenario.name + ", seed " + std::to_string(seed) + ", split " + std::to_string(static_cast<int>(split)) +
         ", fault " + std::string(name_of(plan.fault)) + " at step " + std::to_string(plan.step);
}

TEST(PairSimulation, DeliversEverythingWithoutFaults) {
  for (const Scenario& scenario : scenarios()) {
    for (const Split split : {Split::whole, Split::one_byte, Split::random}) {
      const Report report = run_pair(scenario, 1, split, {});
      EXPECT_EQ(report.violation, "") << describe(scenario, 1, split, {});
    }
  }
}

// Connecting takes from nothing to 5 s, to success, refusal or nothing at all, behind more and less than what is taken
// in meanwhile; the truth is told once, when it is known, and no byte is lost.
TEST(PairSimulation, TellsTheTruthHoweverLongTheTargetTakes) {
  for (const char* method : {"2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305"}) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      Scenario scenario{"slow target", method, seed * seed * 15, seed * 30};
      scenario.known_ours = true;
      scenario.target_listens_first = seed % 5 == 0;
      scenario.target_takes = seed % 10 == 9 ? Network::kForEver : Duration(seed * 83ms);
      scenario.target_refuses = seed % 3 == 1;
      if (scenario.target_refuses) scenario.application_keeps_open = seed % 2 == 0;
      const Report report = run_pair(scenario, seed, Split::random, {});
      EXPECT_EQ(report.violation, "") << describe(scenario, seed, Split::random, {});
    }
  }
}

TEST(PairSimulation, SameSeedGivesSameTrace) {
  for (const Scenario& scenario : scenarios()) {
    const Report first = run_pair(scenario, 7, Split::random, {});
    const Report second = run_pair(scenario, 7, Split::random, {});
    EXPECT_EQ(first.trace, second.trace) << scenario.name;
    EXPECT_NE(first.trace, run_pair(scenario, 8, Split::random, {}).trace) << scenario.name;
  }
}

TEST(PairSimulation, BulkOutgrowsEveryBuffer) {
  for (const char* method : {"2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305"}) {
    constexpr std::size_t kThreeMiB = 3UL * 1024 * 1024;
    const Scenario scenario{"bulk", method, kThreeMiB, kThreeMiB};
    const Report report = run_pair(scenario, 3, Split::random, {});
    EXPECT_EQ(report.violation, "") << method;
  }
}

// Every I/O step × every fault, split nowhere and split at random, one fault a run.
TEST(PairSimulation, HoldsItsInvariantsWithAFaultAtEveryStep) {
  for (const Scenario& scenario : scenarios()) {
    for (const Split split : {Split::whole, Split::random}) {
      const std::uint64_t steps = run_pair(scenario, 5, split, {}).steps;
      for (std::uint64_t step = 0; step < steps; ++step) {
        for (int fault = 1; fault <= static_cast<int>(kLastStreamFault); ++fault) {
          const FaultPlan plan{step, static_cast<Fault>(fault)};
          const Report report = run_pair(scenario, 5, split, plan);
          ASSERT_EQ(report.violation, "") << describe(scenario, 5, split, plan);
          ASSERT_TRUE(report.struck) << describe(scenario, 5, split, plan);
        }
      }
    }
  }
}

}  // namespace
}  // namespace ss::sim
