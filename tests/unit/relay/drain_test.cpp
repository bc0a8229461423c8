#include "ss/relay/drain.hpp"

#include "unit/relay/fixture.hpp"

namespace ss::relay::test {
namespace {

class DiscardUntil : public Fixture {
 protected:
  void start(Duration after) {
    stream = peer.take_near();
    session.client = stream.get();
    node.spawner().spawn(run(after));
  }
  net::Task<> run(Duration after) {
    net::Deadline limit(env.timers, *stream, after);
    const bool ended = co_await discard_until(env, session, *stream, limit);
    peer_ended = ended;
    at = now();
  }

  Peer peer{network};
  std::unique_ptr<net::Stream> stream;
  LiveSession session{sessions};
  std::optional<bool> peer_ended;
  std::optional<Duration> at;
};

TEST_F(DiscardUntil, EndsWithThePeersFin) {
  start(60s);
  peer.say(counting(30'000));
  pass(1s);
  EXPECT_FALSE(peer_ended.has_value());
  peer.finish();
  pass(kLate);
  EXPECT_EQ(peer_ended, true);
  EXPECT_EQ(peer.near().bytes(Deed::Kind::read), 30'000U);
}

TEST_F(DiscardUntil, EndsWithThePeersReset) {
  start(60s);
  pass(1s);
  peer.reset();
  pass(kLate);
  EXPECT_EQ(peer_ended, true);
}

TEST_F(DiscardUntil, EndsAtTheLimitThatBytesDoNotExtend) {
  start(60s);
  for (int i = 0; i < 59; ++i) {
    pass(1s);
    peer.say(counting(100));
  }
  pass(5s);
  EXPECT_EQ(peer_ended, false);
  expect_at(at, 60s);
}

TEST_F(DiscardUntil, ReadsNothingWhereTheLimitHasPassedAlready) {
  stream = peer.take_near();
  net::Deadline limit(env.timers, *stream, 1s);
  pass(2s);
  peer.say(counting(100));
  net::Task<bool> task = discard_until(env, session, *stream, limit);
  task.start();
  EXPECT_TRUE(task.await_ready());
  EXPECT_FALSE(task.await_resume());
  EXPECT_EQ(peer.near().count(Deed::Kind::read), 0U);
}

TEST_F(DiscardUntil, EndsWhenTheSessionIsStopped) {
  start(60s);
  pass(1s);
  session.stop();
  pass(kLate);
  EXPECT_EQ(peer_ended, false);
}

TEST_F(DiscardUntil, WaitsBetweenTwoReadsOfAFlood) {
  start(60s);
  Duration last = -1s;
  for (int i = 0; i < 50; ++i) {
    peer.offer(counting(sim::Link::kCapacity));
    pass(2ms);
  }
  for (const Deed& deed : peer.near().deeds) {
    EXPECT_GT(deed.at, last) << "two reads without giving way in between";
    last = deed.at;
  }
  EXPECT_GT(peer.near().count(Deed::Kind::read), 10U);
}

class FinishAndDrain : public DiscardUntil {
 protected:
  void start_finishing(Duration grace) {
    stream = peer.take_near();
    session.client = stream.get();
    node.spawner().spawn(finish(grace));
  }
  net::Task<> finish(Duration grace) {
    co_await finish_and_drain(env, session, *stream, grace);
    at = now();
    session.client = nullptr;
    stream.reset();
  }
};

TEST_F(FinishAndDrain, LetsThePeerReadWhatWasSaidLast) {
  peer.say(counting(1000));
  start_finishing(10s);
  EXPECT_EQ(peer.near().first(Deed::Kind::fin), 0s) << "at once";
  pass(1s);
  peer.say(counting(1000));
  pass(1s);
  EXPECT_TRUE(peer.heard_end());
  peer.finish();
  pass(kLate);
  expect_at(at, 2s);
  EXPECT_FALSE(peer.heard_reset()) << "everything had been read";
}

TEST_F(FinishAndDrain, EndsAfterTheGraceWhatThePeerDoes) {
  start_finishing(10s);
  pass(9s);
  EXPECT_FALSE(at.has_value());
  peer.say(counting(1000));
  pass(2s);
  expect_at(at, 10s);
}

}  // namespace
}  // namespace ss::relay::test
