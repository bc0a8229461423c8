#include "ss/net/timers.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clockwork.hpp"

namespace ss::net {
namespace {

using namespace std::chrono_literals;
using test::Clockwork;

struct Noting final : Timer {
  explicit Noting(std::function<void()> then) : on_expiry(std::move(then)) {}
  void expired() noexcept override {
    // A callback may destroy this timer.
    const std::function<void()> now = on_expiry;
    now();
  }
  std::function<void()> on_expiry;
};

struct TimersTest : testing::Test {
  Clockwork works;
  std::string trace;
  std::unique_ptr<Noting> noting(char name) {
    return std::make_unique<Noting>([this, name] { trace += name; });
  }
};
using TimersStart = TimersTest;
using TimersRun = TimersTest;
using TimerStop = TimersTest;

TEST_F(TimersStart, ExpiresAtItsTimeAndNotBefore) {
  const auto timer = noting('a');
  works.timers.start(*timer, 10s);
  works.advance(10s - 1ns);
  EXPECT_EQ(trace, "");
  EXPECT_TRUE(timer->running());
  works.advance(1ns);
  EXPECT_EQ(trace, "a");
  EXPECT_FALSE(timer->running());
}

TEST_F(TimersStart, SetsTheAlarmOnlyForWhatIsDueEarlier) {
  const auto a = noting('a'), b = noting('b'), c = noting('c');
  works.timers.start(*a, 10s);
  EXPECT_EQ(works.alarm.times_set, 1);
  works.timers.start(*b, 10s);
  works.timers.start(*c, 60s);
  EXPECT_EQ(works.alarm.times_set, 1);
  works.timers.start(*c, 20ms);
  EXPECT_EQ(works.alarm.times_set, 2);
  EXPECT_EQ(works.alarm.at, MonoTime(20ms));
}

TEST_F(TimersStart, RestartsARunningTimer) {
  const auto timer = noting('a');
  works.timers.start(*timer, 1s);
  works.advance(900ms);
  works.timers.start(*timer, 1s);
  works.advance(900ms);
  EXPECT_EQ(trace, "");
  works.advance(100ms);
  EXPECT_EQ(trace, "a");
}

TEST_F(TimersStart, NeverExpiresFromInside) {
  const auto timer = noting('a');
  works.timers.start(*timer, 0s);
  EXPECT_EQ(trace, "");
  EXPECT_EQ(works.alarm.at, works.clock.now());
  works.advance(0s);
  EXPECT_EQ(trace, "a");
}

TEST_F(TimersStart, TakesALengthBeyondTheEndOfTime) {
  const auto timer = noting('a');
  works.timers.start(*timer, Duration::max());
  works.advance(1h);
  EXPECT_EQ(trace, "");
  EXPECT_TRUE(timer->running());
}

TEST_F(TimerStop, IsFinal) {
  const auto a = noting('a'), b = noting('b');
  works.timers.start(*a, 1s);
  works.timers.start(*b, 1s);
  a->stop();
  a->stop();
  EXPECT_FALSE(a->running());
  works.advance(1s);
  EXPECT_EQ(trace, "b");
}

TEST_F(TimerStop, ComesWithDestruction) {
  auto timer = noting('a');
  works.timers.start(*timer, 1s);
  timer.reset();
  works.advance(2s);
  EXPECT_EQ(trace, "");
}

TEST_F(TimersRun, ExpiresInOrderOfTimeAcrossLengths) {
  const auto a = noting('a'), b = noting('b'), c = noting('c');
  works.timers.start(*c, 3s);
  works.advance(1s);
  works.timers.start(*b, 1500ms);
  works.timers.start(*a, 1s);
  works.clock.advance(5s);
  works.timers.run();
  EXPECT_EQ(trace, "abc");
}

TEST_F(TimersRun, LeavesWhatIsNotDueAndSetsTheAlarmForIt) {
  const auto a = noting('a'), b = noting('b');
  works.timers.start(*a, 1s);
  works.timers.start(*b, 5s);
  works.advance(1s);
  EXPECT_EQ(trace, "a");
  EXPECT_EQ(works.alarm.at, MonoTime(5s));
}

TEST_F(TimersRun, BatchesWhatComesCloseTogether) {
  std::vector<std::unique_ptr<Noting>> crowd;
  for (int i = 0; i < 100; ++i) {
    crowd.push_back(noting('x'));
    works.timers.start(*crowd.back(), 1s);
    works.clock.advance(100us);
  }
  const int set_before = works.alarm.times_set;
  works.advance(2s);
  EXPECT_EQ(trace.size(), 100U);
  // 10 ms of deadlines, in grains of 4 ms.
  EXPECT_LE(works.alarm.times_set - set_before, 4);
}

TEST_F(TimersRun, KeepsATimerAtMostFiveMillisecondsWaiting) {
  const auto a = noting('a'), b = noting('b');
  works.timers.start(*a, 1s);
  works.clock.advance(1us);
  works.timers.start(*b, 1s);
  works.clock.advance(1s - 1us);
  works.timers.run();
  EXPECT_EQ(trace, "a");
  EXPECT_LE(works.alarm.at, MonoTime(1s + 1us + 5ms));
  works.advance(5ms);
  EXPECT_EQ(trace, "ab");
}

TEST_F(TimersRun, LetsATimerRestartItself) {
  std::unique_ptr<Noting> timer;
  timer = std::make_unique<Noting>([&] {
    trace += 'a';
    works.timers.start(*timer, 0s);
  });
  works.timers.start(*timer, 1s);
  works.clock.advance(1s);
  works.timers.run();
  EXPECT_EQ(trace, "a");
  works.timers.run();
  EXPECT_EQ(trace, "aa");
}

TEST_F(TimersRun, LetsATimerDestroyItselfAndOthers) {
  std::unique_ptr<Noting> self, due_too, later;
  due_too = noting('b');
  later = noting('c');
  self = std::make_unique<Noting>([&] {
    trace += 'a';
    due_too.reset();
    later.reset();
    self.reset();
  });
  works.timers.start(*self, 1s);
  works.timers.start(*due_too, 1s);
  works.timers.start(*later, 2s);
  works.advance(3s);
  EXPECT_EQ(trace, "a");
}

TEST_F(TimersRun, LetsATimerRestartAnotherThatIsDue) {
  const auto other = noting('b');
  Noting first([&] {
    trace += 'a';
    works.timers.start(*other, 1s);
  });
  works.timers.start(first, 1s);
  works.timers.start(*other, 1s);
  works.advance(1s);
  EXPECT_EQ(trace, "a");
  works.advance(1s);
  EXPECT_EQ(trace, "ab");
}

TEST_F(TimersRun, ForgetsQueuesOfManyOddLengths) {
  const auto timer = noting('a');
  for (int i = 1; i <= 1000; ++i) {
    works.timers.start(*timer, Duration(i * 1000));
    works.advance(10ms);
  }
  EXPECT_EQ(trace.size(), 1000U);
  works.timers.start(*timer, 1s);
  works.advance(1s);
  EXPECT_EQ(trace.size(), 1001U);
}

TEST(TimersDestroy, LeavesTimersAtRest) {
  Noting timer([] {});
  {
    Clockwork works;
    works.timers.start(timer, 1s);
    EXPECT_TRUE(timer.running());
  }
  EXPECT_FALSE(timer.running());
}

}  // namespace
}  // namespace ss::net
