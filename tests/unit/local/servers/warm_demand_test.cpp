#include "servers/warm_demand.hpp"

#include <gtest/gtest.h>

namespace ss::local {
namespace {

using namespace std::chrono_literals;

TEST(WarmDemand, IsNothingAtFirst) {
  WarmDemand demand;
  EXPECT_EQ(demand.peak(MonoTime(1h)), 0U);
}

TEST(WarmDemand, IsTheMostAtOnceDuringTheWindow) {
  WarmDemand demand;
  MonoTime now(1h);
  for (int i = 0; i < 5; ++i) demand.note(now);
  now += 3s;
  demand.note(now);
  EXPECT_EQ(demand.peak(now), 5U);
  now += 7s;
  EXPECT_EQ(demand.peak(now), 1U) << "ten seconds after the five";
  now += 3s;
  EXPECT_EQ(demand.peak(now), 0U);
}

TEST(WarmDemand, IsOneWhereOneFollowsTheOther) {
  WarmDemand demand;
  MonoTime now(1h);
  for (int i = 0; i < 100; ++i) {
    demand.note(now);
    now += 250ms;
  }
  EXPECT_EQ(demand.peak(now), 1U);
}

TEST(WarmDemand, CountsNoFurtherThanAByte) {
  WarmDemand demand;
  for (int i = 0; i < 1'000; ++i) demand.note(MonoTime(1h));
  EXPECT_EQ(demand.peak(MonoTime(1h)), 255U);
}

TEST(WarmDemand, ForgetsAllAfterALongPause) {
  WarmDemand demand;
  demand.note(MonoTime(1h));
  EXPECT_EQ(demand.peak(MonoTime(100h)), 0U);
  demand.note(MonoTime(100h));
  EXPECT_EQ(demand.peak(MonoTime(100h)), 1U);
}

}  // namespace
}  // namespace ss::local
