#include "ss/telemetry/log_throttle.hpp"

#include <gtest/gtest.h>

namespace ss::telemetry {
namespace {

using namespace std::chrono_literals;

constexpr MonoTime at(Duration since_start) {
  return MonoTime(since_start);
}

TEST(LogThrottleAdmit, LetsTheFirstLineThrough) {
  LogThrottle throttle(1min);
  EXPECT_EQ(throttle.admit(at(0s)), 0U);
}

TEST(LogThrottleAdmit, LeavesOutWithinTheInterval) {
  LogThrottle throttle(1min);
  throttle.admit(at(0s));
  EXPECT_FALSE(throttle.admit(at(0s)));
  EXPECT_FALSE(throttle.admit(at(1min - 1ns)));
}

TEST(LogThrottleAdmit, TellsHowManyWereLeftOut) {
  LogThrottle throttle(1min);
  throttle.admit(at(0s));
  for (int i = 0; i < 7; ++i) throttle.admit(at(30s));
  EXPECT_EQ(throttle.admit(at(1min)), 7U);
  EXPECT_EQ(throttle.admit(at(2min)), 0U);
}

TEST(LogThrottleAdmit, CountsTheIntervalFromTheLineLetThrough) {
  LogThrottle throttle(1min);
  throttle.admit(at(0s));
  throttle.admit(at(59s));
  EXPECT_TRUE(throttle.admit(at(60s)));
  EXPECT_FALSE(throttle.admit(at(119s)));
}

}  // namespace
}  // namespace ss::telemetry
