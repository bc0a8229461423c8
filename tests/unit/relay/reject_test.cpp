#include "ss/relay/reject.hpp"

#include "unit/relay/fixture.hpp"

namespace ss::relay::test {
namespace {

/// What a stream is given to the door with, five seconds after it was accepted.
class Reject : public Fixture {
 protected:
  static constexpr Duration kHanded = 5s;

  void start(RejectRule rule) {
    stream = peer.take_near();
    session.client = stream.get();
    limit.emplace(env.timers, *stream, RejectRule::kDeadline);
    pass(kHanded);
    node.spawner().spawn(run(rule));
  }
  net::Task<> run(RejectRule rule) {
    co_await reject(env, session, *stream, rule, *limit);
    limit.reset();
    session.client = nullptr;
    stream.reset();
  }
  /// The peer sends `bytes` every `step` until `end`.
  void keep_sending(std::size_t bytes, Duration step, Duration end) {
    for (; now() < end; pass(step)) peer.offer(counting(bytes));
  }
  void expect_silence() {
    EXPECT_EQ(peer.near().count(Deed::Kind::write), 0U);
    EXPECT_EQ(env.counters.rejected.read(), 1U);
  }
  std::optional<Duration> fin_at() { return peer.near().first(Deed::Kind::fin); }
  std::optional<Duration> reset_at() { return peer.near().first(Deed::Kind::reset); }
  std::optional<Duration> closed_at() { return peer.near().first(Deed::Kind::closed); }

  Peer peer{network};
  std::unique_ptr<net::Stream> stream;
  std::optional<net::Deadline> limit;
  LiveSession session{sessions};
};

constexpr RejectRule kSilent{RejectPolicy::silent, false};
constexpr RejectRule kLateReset{RejectPolicy::reset, false};
constexpr RejectRule kLateFin{RejectPolicy::fin, false};
constexpr RejectRule kResetAtOnce{RejectPolicy::reset, true};
constexpr RejectRule kFinAtOnce{RejectPolicy::fin, true};

// Silent, and fin at the deadline, are one and the same to see.
class RejectAtDeadlineByFin : public Reject, public ::testing::WithParamInterface<RejectRule> {};
INSTANTIATE_TEST_SUITE_P(Rules, RejectAtDeadlineByFin, ::testing::Values(kSilent, kLateFin));

TEST_P(RejectAtDeadlineByFin, FinishesAnIdlePeerSixtySecondsAfterAccept) {
  start(GetParam());
  pass(80s);
  expect_at(fin_at(), 60s);
  expect_at(closed_at(), 65s);
  EXPECT_EQ(reset_at(), std::nullopt);
  EXPECT_TRUE(peer.heard_end());
  expect_silence();
}

TEST_P(RejectAtDeadlineByFin, ClosesWithAPeerThatClosesFirst) {
  start(GetParam());
  pass(10s);
  peer.finish();
  pass(kLate);
  expect_at(closed_at(), 15s);
  EXPECT_EQ(reset_at(), std::nullopt);
  EXPECT_TRUE(peer.heard_end());
  expect_silence();
}

TEST_P(RejectAtDeadlineByFin, IsNotPutOffByBytes) {
  start(GetParam());
  keep_sending(100, 1s, 58s);
  pass(20s);
  expect_at(fin_at(), 60s);
  EXPECT_TRUE(peer.heard_end());
  EXPECT_EQ(peer.near().bytes(Deed::Kind::read), 53U * 100) << "there is no budget of bytes";
  expect_silence();
}

TEST_P(RejectAtDeadlineByFin, DrainsAFloodAcrossTheDeadlineForFiveSecondsMore) {
  start(GetParam());
  pass(50s);
  keep_sending(1000, 4ms, 64s + 900ms);
  expect_at(fin_at(), 60s);
  EXPECT_EQ(closed_at(), std::nullopt);
  EXPECT_TRUE(peer.heard_end()) << "no reset comes in the way of the FIN";
  keep_sending(1000, 4ms, 66s);
  expect_at(closed_at(), 65s);
  EXPECT_EQ(reset_at(), std::nullopt);
  expect_silence();
}

TEST_P(RejectAtDeadlineByFin, ClosesWithAPeerThatAnswersTheFin) {
  start(GetParam());
  pass(57s);
  EXPECT_TRUE(peer.heard_end());
  peer.finish();
  pass(kLate);
  expect_at(closed_at(), 62s);
}

TEST_P(RejectAtDeadlineByFin, EndsWithAPeerThatResets) {
  start(GetParam());
  pass(10s);
  peer.reset();
  pass(kLate);
  expect_at(closed_at(), 15s);
  expect_silence();
}

TEST_P(RejectAtDeadlineByFin, EndsWhenTheSessionIsStopped) {
  start(GetParam());
  pass(10s);
  session.stop();
  pass(kLate);
  expect_at(closed_at(), 15s);
}

class RejectAtDeadlineByReset : public Reject {};

TEST_F(RejectAtDeadlineByReset, ResetsAnIdlePeerSixtySecondsAfterAccept) {
  start(kLateReset);
  pass(54s);
  EXPECT_FALSE(peer.heard_reset());
  pass(20s);
  expect_at(reset_at(), 60s);
  EXPECT_EQ(fin_at(), std::nullopt);
  EXPECT_TRUE(peer.heard_reset());
  expect_silence();
}

TEST_F(RejectAtDeadlineByReset, IsNotPutOffByBytesNorByAFlood) {
  start(kLateReset);
  keep_sending(100, 1s, 55s);
  keep_sending(1000, 4ms, 61s);
  expect_at(reset_at(), 60s);
  expect_at(closed_at(), 60s);
  EXPECT_EQ(fin_at(), std::nullopt);
  expect_silence();
}

TEST_F(RejectAtDeadlineByReset, ClosesWithAPeerThatClosesFirst) {
  start(kLateReset);
  pass(10s);
  peer.finish();
  pass(kLate);
  expect_at(closed_at(), 15s);
  EXPECT_EQ(reset_at(), std::nullopt) << "closed likewise";
  EXPECT_TRUE(peer.heard_end());
}

class RejectAtOnce : public Reject {};

TEST_F(RejectAtOnce, ResetsWhateverThePeerDoes) {
  peer.say(counting(500));
  start(kResetAtOnce);
  EXPECT_EQ(reset_at(), kHanded);
  EXPECT_EQ(closed_at(), kHanded);
  EXPECT_EQ(fin_at(), std::nullopt);
  EXPECT_TRUE(peer.heard_reset());
  expect_silence();
}

TEST_F(RejectAtOnce, FinishesAndReadsOnUntilTheDeadline) {
  start(kFinAtOnce);
  EXPECT_EQ(fin_at(), kHanded);
  keep_sending(100, 1s, 58s);
  EXPECT_TRUE(peer.heard_end());
  EXPECT_EQ(closed_at(), std::nullopt);
  pass(20s);
  expect_at(closed_at(), 65s);
  EXPECT_EQ(peer.near().count(Deed::Kind::fin), 1U);
  EXPECT_EQ(reset_at(), std::nullopt);
  expect_silence();
}

TEST_F(RejectAtOnce, FinishesAndClosesWithThePeer) {
  start(kFinAtOnce);
  pass(10s);
  peer.finish();
  pass(kLate);
  expect_at(closed_at(), 15s);
  EXPECT_FALSE(peer.heard_reset());
}

TEST_F(RejectAtOnce, FinishesAndDrainsAFloodAcrossTheDeadline) {
  start(kFinAtOnce);
  pass(50s);
  keep_sending(1000, 4ms, 64s + 900ms);
  EXPECT_EQ(closed_at(), std::nullopt);
  EXPECT_FALSE(peer.heard_reset());
  keep_sending(1000, 4ms, 66s);
  expect_at(closed_at(), 65s);
}

TEST(RejectRuleMake, ActsAtOnceWith2022MethodsAloneAndNeverWhereItIsSilent) {
  const cipher::Method& method2022 = *cipher::find_method("2022-blake3-aes-256-gcm");
  const cipher::Method& method2017 = *cipher::find_method("aes-256-gcm");
  EXPECT_FALSE(RejectRule::make(RejectPolicy::silent, method2022).at_once);
  EXPECT_TRUE(RejectRule::make(RejectPolicy::reset, method2022).at_once);
  EXPECT_TRUE(RejectRule::make(RejectPolicy::fin, method2022).at_once);
  for (const RejectPolicy policy : {RejectPolicy::silent, RejectPolicy::reset, RejectPolicy::fin}) {
    EXPECT_FALSE(RejectRule::make(policy, method2017).at_once);
    EXPECT_EQ(RejectRule::make(policy, method2017).policy, policy);
  }
}

}  // namespace
}  // namespace ss::relay::test
