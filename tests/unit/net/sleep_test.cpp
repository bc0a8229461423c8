#include "ss/net/sleep.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "clockwork.hpp"
#include "ss/net/spawner.hpp"

namespace ss::net {
namespace {

using namespace std::chrono_literals;
using test::Clockwork;

Task<> sleep_for(Timers& timers, Duration time, std::optional<bool>& whole) {
  const bool got = co_await sleep(timers, time);
  whole = got;
}
Task<> sleep_in(Sleep& nap, std::optional<bool>& whole) {
  const bool got = co_await nap;
  whole = got;
}

TEST(SleepAwait, LastsItsTime) {
  Clockwork works;
  Spawner spawner;
  std::optional<bool> whole;
  spawner.spawn(sleep_for(works.timers, 250ms, whole));
  works.advance(249ms);
  EXPECT_FALSE(whole);
  works.advance(1ms);
  EXPECT_EQ(whole, true);
}

TEST(SleepCancel, WakesTheSleeperSoonButNotFromInside) {
  Clockwork works;
  Spawner spawner;
  std::optional<bool> whole;
  Sleep nap(works.timers, 1h);
  spawner.spawn(sleep_in(nap, whole));
  works.advance(1s);
  nap.cancel();
  EXPECT_FALSE(whole);
  works.advance(0s);
  EXPECT_EQ(whole, false);
}

TEST(SleepCancel, EndsASleepThatHasNotBegun) {
  Clockwork works;
  Spawner spawner;
  std::optional<bool> whole;
  Sleep nap(works.timers, 1h);
  nap.cancel();
  spawner.spawn(sleep_in(nap, whole));
  EXPECT_EQ(whole, false);
}

TEST(SleepDestroy, ForgetsTheSleeper) {
  Clockwork works;
  std::optional<bool> whole;
  {
    Spawner spawner;
    spawner.spawn(sleep_for(works.timers, 1s, whole));
  }
  works.advance(2s);
  EXPECT_FALSE(whole);
}

}  // namespace
}  // namespace ss::net
