#include "servers/server_clock.hpp"

#include <gtest/gtest.h>

namespace ss::local {
namespace {

using namespace std::chrono_literals;

constexpr UnixSeconds kOurs = 1'700'000'000;

class ServerClockNow : public ::testing::Test {
 protected:
  /// One request and its answer, `took` later, by a server whose clock is `ahead` of ours.
  void answer(std::int64_t ahead, Duration took = 100ms) {
    const Duration asked = clock.since_boot();
    clock.advance(took);
    server.learn(static_cast<UnixSeconds>(static_cast<std::int64_t>(clock.unix_now()) + ahead), asked, clock);
  }
  [[nodiscard]] std::int64_t ahead() const {
    return static_cast<std::int64_t>(server.now(clock)) - static_cast<std::int64_t>(clock.unix_now());
  }

  ManualClock clock{kOurs};
  ServerClock server;
};

TEST_F(ServerClockNow, IsThisMachinesUntilSomethingIsLearnt) {
  EXPECT_EQ(server.now(clock), kOurs);
  server.refused();
  EXPECT_EQ(server.now(clock), kOurs);
}

TEST_F(ServerClockNow, FollowsTheServersAnswers) {
  answer(-100);
  EXPECT_NEAR(static_cast<double>(ahead()), -100, 1);
  clock.advance(3h);
  EXPECT_NEAR(static_cast<double>(ahead()), -100, 1) << "counted on";
}

TEST_F(ServerClockNow, IsTheMedianSoThatOneLieDoesNotCount) {
  for (int i = 0; i < 4; ++i) answer(20);
  answer(100'000);
  EXPECT_NEAR(static_cast<double>(ahead()), 20, 1);
}

TEST_F(ServerClockNow, LearnsNothingFromALateAnswer) {
  answer(-50, 2'001ms);
  EXPECT_EQ(ahead(), 0);
  answer(-50, 2s);
  EXPECT_NEAR(static_cast<double>(ahead()), -50, 2);
}

TEST_F(ServerClockNow, TakesTurnsWithThisMachinesAfterEveryTwoRefusalsInARow) {
  answer(25);
  server.refused();
  EXPECT_NE(ahead(), 0);
  answer(25);
  server.refused();
  EXPECT_NE(ahead(), 0) << "an answer came in between";
  server.refused();
  EXPECT_EQ(ahead(), 0) << "it may be what was learnt that is wrong";
  server.refused();
  EXPECT_EQ(ahead(), 0);
  server.refused();
  EXPECT_NEAR(static_cast<double>(ahead()), 25, 1) << "or only the targets: nobody is locked out for good";
}

TEST_F(ServerClockNow, ForgetsWhatWasLearntWhereThisMachinesWasRight) {
  for (int i = 0; i < 5; ++i) answer(-25);
  server.refused();
  server.refused();
  answer(7);
  EXPECT_NEAR(static_cast<double>(ahead()), 7, 1);
}

TEST_F(ServerClockNow, FollowsAServerWhoseClockWasSet) {
  for (int i = 0; i < 5; ++i) answer(-25);
  for (int i = 0; i < 3; ++i) answer(0);
  EXPECT_NEAR(static_cast<double>(ahead()), 0, 1);
}

TEST_F(ServerClockNow, TakesAnyStampWithoutWrapping) {
  server.learn(UINT64_MAX, clock.since_boot(), clock);
  EXPECT_GT(server.now(clock), kOurs);
  for (int i = 0; i < 5; ++i) server.learn(0, clock.since_boot(), clock);
  EXPECT_LE(server.now(clock), 1U);
}

}  // namespace
}  // namespace ss::local
