#include "ss/telemetry/log_throttle.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

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

TEST(LogThrottleAdmit, LetsOneLineOfSeveralThreadsThrough) {
  LogThrottle throttle(1min);
  std::atomic<unsigned> through{0};
  std::atomic<std::uint64_t> left_out{0};
  const auto ask = [&] {
    for (int i = 0; i < 1000; ++i) {
      const std::optional<std::uint64_t> before = throttle.admit(at(1h));
      through += before ? 1U : 0U;
      left_out += before.value_or(0);
    }
  };
  std::array<std::thread, 4> threads;
  for (std::thread& thread : threads) thread = std::thread(ask);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(through, 1U);
  left_out += throttle.admit(at(2h)).value_or(0);
  EXPECT_EQ(left_out, 3999U);
}

}  // namespace
}  // namespace ss::telemetry
