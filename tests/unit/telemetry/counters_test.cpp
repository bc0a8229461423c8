#include "ss/telemetry/counters.hpp"

#include <gtest/gtest.h>

namespace ss::telemetry {
namespace {

TEST(CounterSub, TakesBack) {
  Counter counter;
  counter.add(5);
  counter.sub(2);
  EXPECT_EQ(counter.read(), 3U);
}

}  // namespace
}  // namespace ss::telemetry
