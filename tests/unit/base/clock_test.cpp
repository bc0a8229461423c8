#include "ss/base/clock.hpp"

#include <gtest/gtest.h>

namespace ss {
namespace {

using namespace std::chrono_literals;

TEST(SystemClockNow, NeverStepsBack) {
  MonoTime last = system_clock().now();
  for (int i = 0; i < 1000; ++i) {
    const MonoTime now = system_clock().now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClockUnixNow, TellsTheWallClocksSeconds) {
  const auto before = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const UnixSeconds now = system_clock().unix_now();
  const auto after = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  EXPECT_GE(now, static_cast<UnixSeconds>(before));
  EXPECT_LE(now, static_cast<UnixSeconds>(after));
}

TEST(ManualClockAdvance, MovesBothClocksTogether) {
  ManualClock clock(1000);
  const MonoTime start = clock.now();
  EXPECT_EQ(clock.unix_now(), 1000U);
  clock.advance(999ms);
  EXPECT_EQ(clock.unix_now(), 1000U);
  clock.advance(1ms);
  EXPECT_EQ(clock.unix_now(), 1001U);
  EXPECT_EQ(clock.now() - start, 1s);
}

}  // namespace
}  // namespace ss
