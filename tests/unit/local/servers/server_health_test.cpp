#include "servers/server_health.hpp"

#include <gtest/gtest.h>

namespace ss::local {
namespace {

using namespace std::chrono_literals;

MonoTime at(Duration time) {
  return MonoTime(1h + time);
}

/// One that went down at 0 s.
ServerHealth down() {
  ServerHealth health;
  health.failed(at(0s));
  health.failed(at(0s));
  return health;
}

TEST(ServerHealth, AveragesTheLastConnections) {
  ServerHealth health;
  EXPECT_FALSE(health.was_heard());
  EXPECT_EQ(health.milliseconds(), std::nullopt);
  health.connected(100ms, at(0s));
  EXPECT_EQ(health.milliseconds(), 100);
  health.connected(200ms, at(1s));
  EXPECT_DOUBLE_EQ(*health.milliseconds(), 130);
  EXPECT_DOUBLE_EQ(health.score(), 130);
}

TEST(ServerHealth, ScoresFailuresUntilTheyAreForgotten) {
  ServerHealth health;
  health.connected(100ms, at(0s));
  health.failed(at(1s));
  EXPECT_DOUBLE_EQ(health.score(), 220);
  for (int i = 0; i < 20; ++i) health.connected(100ms, at(2s));
  EXPECT_LT(health.score(), 101);
}

TEST(ServerHealth, GoesDownAtTheSecondFailureInARow) {
  ServerHealth health;
  EXPECT_FALSE(health.failed(at(0s)));
  health.connected(10ms, at(1s));
  EXPECT_FALSE(health.failed(at(2s)));
  EXPECT_FALSE(health.is_down());
  EXPECT_TRUE(health.failed(at(3s)));
  EXPECT_TRUE(health.is_down());
  EXPECT_FALSE(health.failed(at(3s))) << "told once";
}

TEST(ServerHealth, GoesDownAtOnceWhereItIsSilent) {
  ServerHealth health;
  EXPECT_TRUE(health.silent(at(0s)));
  EXPECT_TRUE(health.is_down());
  EXPECT_FALSE(health.silent(at(0s))) << "told once";
  EXPECT_FALSE(health.take_probe(at(999ms), 0s));
  EXPECT_TRUE(health.take_probe(at(1s), 0s));
}

TEST(ServerHealth, PausesForLongerWhereItIsSilentAgain) {
  ServerHealth health;
  health.silent(at(0s));
  health.try_again(at(1s));
  EXPECT_TRUE(health.silent(at(2s)));
  EXPECT_FALSE(health.take_probe(at(3999ms), 0s));
  EXPECT_TRUE(health.take_probe(at(4s), 0s));
}

TEST(ServerHealth, IsProbedAfterAPauseThatDoubles) {
  ServerHealth health = down();
  EXPECT_FALSE(health.take_probe(at(999ms), 0s));
  EXPECT_TRUE(health.take_probe(at(1s), 0s));
  EXPECT_FALSE(health.take_probe(at(1s), 0s)) << "one at a time";
  Duration time = 1s;
  for (const Duration pause : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    health.failed(at(time));
    EXPECT_FALSE(health.take_probe(at(time + pause - 1ms), 0s));
    EXPECT_TRUE(health.take_probe(at(time + pause), 0s));
    time += pause;
  }
}

TEST(ServerHealth, LearnsNothingFromWhatWasUnderWayWhenItWentDown) {
  ServerHealth health = down();
  for (int i = 0; i < 50; ++i) health.failed(at(500ms));
  EXPECT_TRUE(health.take_probe(at(1s), 0s));
}

TEST(ServerHealth, IsProbedAnewWhereAProbeWasNeverAnswered) {
  ServerHealth health = down();
  EXPECT_TRUE(health.take_probe(at(1s), 0s));
  EXPECT_FALSE(health.take_probe(at(15s), 0s));
  EXPECT_TRUE(health.take_probe(at(16s), 0s));
}

TEST(ServerHealth, IsOnProbationForAWhileAfterItsReturn) {
  ServerHealth health = down();
  EXPECT_TRUE(health.connected(10ms, at(10s)));
  EXPECT_FALSE(health.is_down());
  EXPECT_FALSE(health.is_trusted(at(10s)));
  EXPECT_FALSE(health.is_trusted(at(39s)));
  EXPECT_TRUE(health.is_trusted(at(40s)));
  EXPECT_FALSE(health.take_probe(at(19s), 0s));
  EXPECT_TRUE(health.take_probe(at(20s), 0s)) << "so that its trust has a reason";
  EXPECT_FALSE(health.connected(10ms, at(20s)));
  EXPECT_FALSE(health.take_probe(at(41s), 0s));
}

TEST(ServerHealth, RelapsesAtOnceAndForLonger) {
  ServerHealth health = down();
  health.connected(10ms, at(1s));
  EXPECT_TRUE(health.failed(at(2s))) << "one failure on probation";
  EXPECT_FALSE(health.take_probe(at(3900ms), 0s));
  EXPECT_TRUE(health.take_probe(at(4s), 0s));
  health.connected(10ms, at(4s));
  health.failed(at(6min));
  EXPECT_FALSE(health.is_down()) << "trusted again";
  health.failed(at(6min));
  EXPECT_TRUE(health.take_probe(at(6min + 1s), 0s)) << "the pauses begin anew";
}

TEST(ServerHealth, IsProbedWhereNothingWasHeardForLong) {
  ServerHealth health;
  EXPECT_FALSE(health.take_probe(at(0s), 0s));
  EXPECT_TRUE(health.take_probe(at(0s), 60s)) << "never heard";
  health.connected(10ms, at(1s));
  EXPECT_FALSE(health.take_probe(at(60s), 60s));
  EXPECT_FALSE(health.take_probe(at(70s), 0s));
  EXPECT_TRUE(health.take_probe(at(61s), 60s));
}

TEST(ServerHealth, GoesDownWhereItEndsManyStreamsWithoutAWord) {
  ServerHealth health;
  for (unsigned i = 0; i + 1 < ServerHealth::kEarlyCloses; ++i) EXPECT_FALSE(health.closed_early(at(0s)));
  health.answered();
  for (unsigned i = 0; i + 1 < ServerHealth::kEarlyCloses; ++i) EXPECT_FALSE(health.closed_early(at(1s)));
  EXPECT_TRUE(health.closed_early(at(2s)));
  EXPECT_TRUE(health.is_down());
  EXPECT_FALSE(health.closed_early(at(2s)));
  health.connected(10ms, at(3s));
  EXPECT_FALSE(health.closed_early(at(4s)));
  EXPECT_TRUE(health.closed_early(at(4s))) << "sooner on probation";
}

TEST(ServerHealth, IsSlowUntilAConnectionComesAboutInTime) {
  ServerHealth health;
  health.connected(50ms, at(0s));
  health.gave_up();
  EXPECT_FALSE(health.is_down()) << "it did not fail";
  EXPECT_FALSE(health.is_trusted(at(0s)));
  EXPECT_TRUE(health.take_probe(at(0s), 0s)) << "at once";
  EXPECT_FALSE(health.take_probe(at(0s), 0s));
  EXPECT_FALSE(health.connected(300ms, at(300ms))) << "it was never down";
  EXPECT_TRUE(health.is_trusted(at(300ms)));
}

TEST(ServerHealth, StaysSlowWhereItTakesLongerThanAnybodyWaits) {
  ServerHealth health;
  health.gave_up();
  EXPECT_TRUE(health.take_probe(at(0s), 0s));
  health.connected(1200ms, at(2s));
  EXPECT_TRUE(health.is_slow());
  health.gave_up();
  EXPECT_FALSE(health.take_probe(at(11s), 0s)) << "no probe for each connection";
  EXPECT_TRUE(health.take_probe(at(12s), 0s));
}

TEST(ServerHealth, GoesDownAtOneFailureWhereItIsSlow) {
  ServerHealth health;
  health.gave_up();
  EXPECT_TRUE(health.failed(at(5s)));
  EXPECT_TRUE(health.is_down());
  EXPECT_FALSE(health.is_slow());
  health.gave_up();
  EXPECT_FALSE(health.is_slow()) << "it is down";
}

TEST(ServerHealth, ComesBackByItselfOnlyAfterItsPause) {
  ServerHealth health = down();
  health.try_again(at(999ms));
  EXPECT_TRUE(health.is_down());
  health.try_again(at(1s));
  EXPECT_FALSE(health.is_down());
  EXPECT_FALSE(health.is_trusted(at(1s)));
  ServerHealth fresh;
  fresh.try_again(at(0s));
  EXPECT_TRUE(fresh.is_trusted(at(0s)));
}

TEST(ServerHealth, DeservesPatienceByItsConnectTime) {
  ServerHealth health;
  EXPECT_EQ(health.patience(), 1s);
  health.connected(1ms, at(0s));
  EXPECT_EQ(health.patience(), 300ms);
  ServerHealth far;
  far.connected(100ms, at(0s));
  EXPECT_EQ(far.patience(), 500ms);
  ServerHealth farther;
  farther.connected(900ms, at(0s));
  EXPECT_EQ(farther.patience(), 1s);
}

}  // namespace
}  // namespace ss::local
