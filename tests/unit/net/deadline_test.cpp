#include "ss/net/deadline.hpp"

#include <gtest/gtest.h>

#include "scripted_stream.hpp"
#include "ss/net/spawner.hpp"

namespace ss::net {
namespace {

using namespace std::chrono_literals;
using test::Clockwork;
using test::ScriptedStream;

struct DeadlineWait : testing::Test {
  Clockwork works;
  ScriptedStream::Record record;
  Spawner spawner;
  std::optional<WaitOutcome> outcome;
  bool passed = false;

  Task<> wait_on(Stream& stream, Duration limit, bool through_deadline) {
    Deadline deadline(works.timers, stream, limit);
    if (through_deadline) {
      const WaitOutcome got = co_await deadline.ready(Side::read);
      outcome = got;
    } else {
      const WaitOutcome got = co_await ready(stream, Side::read);
      outcome = got;
    }
    passed = deadline.passed();
  }
};

TEST_F(DeadlineWait, IsCutShortWhenTheTimePasses) {
  ScriptedStream silent(works.timers, {}, record);
  spawner.spawn(wait_on(silent, 10s, false));
  works.advance(10s - 1ns);
  EXPECT_FALSE(outcome);
  works.advance(1ms);
  EXPECT_EQ(outcome, WaitOutcome::cancelled);
  EXPECT_TRUE(passed);
}

TEST_F(DeadlineWait, EndsReadyBeforeTheTimePasses) {
  ScriptedStream quick(works.timers, {1s, 0}, record);
  spawner.spawn(wait_on(quick, 10s, true));
  works.advance(1s);
  EXPECT_EQ(outcome, WaitOutcome::ready);
  EXPECT_FALSE(passed);
  works.advance(20s);
  EXPECT_EQ(record.waits_ended, 1);
}

TEST_F(DeadlineWait, DoesNotBeginAfterTheTimeHasPassed) {
  ScriptedStream silent(works.timers, {}, record);
  const auto body = [](Clockwork& w, Stream& stream, std::optional<WaitOutcome>& into) -> Task<> {
    Deadline deadline(w.timers, stream, 1s);
    w.advance(2s);
    EXPECT_TRUE(deadline.passed());
    const WaitOutcome got = co_await deadline.ready(Side::write);
    into = got;
  };
  spawner.spawn(body(works, silent, outcome));
  EXPECT_EQ(outcome, WaitOutcome::cancelled);
  EXPECT_EQ(record.waits_ended, 0);
}

}  // namespace
}  // namespace ss::net
