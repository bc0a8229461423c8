#include "ss/telemetry/counters_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace ss::telemetry {
namespace {

TEST(CountersLine, AddsUpWhatTheWorkersCounted) {
  Counters one;
  Counters other;
  one.accepted.add(2);
  other.accepted.add(3);
  other.associations.add(7);
  other.associations.sub(1);
  const std::array<const Counters*, 2> workers = {&one, &other};
  EXPECT_EQ(counters_line(workers).rfind("associations 6, connections 0, unauthenticated 0, accepted 5, ", 0), 0U);
}

TEST(CountersLine, NamesEveryCounterOnce) {
  const std::string line = counters_line({});
  // Counters holds nothing but counters, and is filled up to whole cache lines.
  const auto named = static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
  EXPECT_LE(named * sizeof(Counter), sizeof(Counters));
  EXPECT_GT(named * sizeof(Counter) + alignof(Counters), sizeof(Counters));
}

}  // namespace
}  // namespace ss::telemetry
