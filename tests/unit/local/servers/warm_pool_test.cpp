#include "servers/warm_pool.hpp"

#include <cerrno>

#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using relay::test::Fixture;

const Endpoint kServer{IpAddress(IpAddress::V4{198, 51, 100, 1}), 8388};

class WarmPoolRun : public Fixture {
 protected:
  WarmPoolRun() {
    rules.name = "home";
    rules.server = {kServer.address, kServer.port};
    rules.worth_it = 1us;  // simulated connections come about within a millisecond
    rules.source = [this](const Endpoint&) { return std::optional(source); };
    network.listeners[kServer] = [this](std::unique_ptr<net::Stream> stream) { accepted.push_back(std::move(stream)); };
  }
  void TearDown() override {
    accepted.clear();
    taken.clear();
    Fixture::TearDown();
    expect_no_session();
    EXPECT_EQ(pool.size(), 0U);
    EXPECT_EQ(network.alive, 0U);
  }

  /// One client asks for a stream, as `link_to_server` does it.
  net::Task<> serve_one() {
    pool.asked();
    while (pool.has_some()) {
      std::unique_ptr<net::Stream> stream = co_await pool.take();
      if (stream) {
        taken.push_back(std::move(stream));
        co_return;
      }
    }
    ++cold;
    pool.connected_cold(connect_time);
  }
  void ask(int times = 1) {
    for (int i = 0; i < times; ++i) node.spawner().spawn(serve_one());
  }
  [[nodiscard]] std::size_t dials() const { return dialer.begun.size(); }

  WarmRules rules;
  std::vector<std::unique_ptr<net::Stream>> accepted;
  std::vector<std::unique_ptr<net::Stream>> taken;
  int cold = 0;
  int failures = 0;
  Duration connect_time = 100ms;
  IpAddress source{IpAddress::V4{203, 0, 113, 9}};
  WarmPool pool{env, rules, [this](const net::DialResult& result, Duration) { failures += result.stream ? 0 : 1; }};
};

TEST_F(WarmPoolRun, OpensNothingBeforeSomebodyAsks) {
  pass(1h);
  EXPECT_EQ(dials(), 0U);
  EXPECT_FALSE(pool.has_some());
}

TEST_F(WarmPoolRun, HasOneForTheSecondClient) {
  ask();
  EXPECT_EQ(cold, 1);
  pass(1s);
  EXPECT_EQ(dials(), 1U);
  EXPECT_TRUE(pool.has_some());
  ask();
  pass(100ms);
  EXPECT_EQ(cold, 1);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(dials(), 2U) << "and another one for the third";
  const std::array<std::uint8_t, 3> hello{1, 2, 3};
  EXPECT_EQ(taken[0]->try_write(ConstBytes(hello)).bytes, 3U);
  std::array<std::uint8_t, 8> room;
  EXPECT_EQ(accepted[0]->try_read(Bytes(room)).bytes, 3U) << "nothing was sent on it before";
  taken.clear();
}

TEST_F(WarmPoolRun, KeepsAsManyAsWereAskedForAtOnce) {
  ask(5);
  pass(1s);
  EXPECT_EQ(pool.size(), 5U);
  ask(20);
  pass(1s);
  EXPECT_EQ(taken.size(), 5U);
  EXPECT_EQ(pool.size(), WarmPool::kMost);
  taken.clear();
}

TEST_F(WarmPoolRun, OpensOneAfterAnother) {
  dialer.silent = kServer;
  ask(8);
  pass(9s);
  EXPECT_EQ(dials(), 1U);
}

TEST_F(WarmPoolRun, KeepsNoneWhereConnectingTakesNoTime) {
  rules.worth_it = 5ms;
  connect_time = 4ms;
  ask(8);
  pass(1s);
  EXPECT_EQ(dials(), 0U);
}

TEST_F(WarmPoolRun, IsEmptyFortySecondsAfterTheLastClient) {
  ask(3);
  pass(39s);
  EXPECT_EQ(pool.size(), 3U);
  EXPECT_EQ(node.spawner().live(), 1U);
  pass(4s);
  EXPECT_EQ(pool.size(), 0U);
  EXPECT_EQ(node.spawner().live(), 0U);
  EXPECT_EQ(dials(), 3U) << "nothing was renewed";
}

TEST_F(WarmPoolRun, GivesNoneAwayThatIsTooOld) {
  ask();
  pass(39s + 900ms);
  EXPECT_TRUE(pool.has_some());
  pass(200ms);
  EXPECT_FALSE(pool.has_some());
}

TEST_F(WarmPoolRun, DropsWhatTheServerEnds) {
  ask();
  pass(12s);
  ASSERT_EQ(pool.size(), 1U);
  accepted[0]->shut_write();
  pass(100ms);
  EXPECT_EQ(pool.size(), 0U);
}

TEST_F(WarmPoolRun, GivesNoneAwayThatEndsInThisMoment) {
  for (const bool reset : {false, true}) {
    ask();
    pass(100ms);
    ASSERT_TRUE(pool.has_some());
    reset ? accepted.back()->reset() : accepted.back()->shut_write();
    const int before = cold;
    ask();
    pass(100ms);
    EXPECT_EQ(taken.size(), 0U);
    EXPECT_EQ(cold, before + 1);
    pass(1min);
  }
}

TEST_F(WarmPoolRun, GivesNoneAwayOnWhichTheServerSpokeFirst) {
  ask();
  pass(12s);
  const std::array<std::uint8_t, 1> byte{7};
  accepted[0]->try_write(ConstBytes(byte));
  pass(100ms);
  EXPECT_FALSE(pool.has_some());
}

TEST_F(WarmPoolRun, RestsWhereTheServerKeepsEndingThem) {
  for (unsigned i = 0; i < WarmPool::kEnds; ++i) {
    ask();
    pass(2s);
    ASSERT_FALSE(accepted.empty());
    accepted.clear();
    pass(2s);
  }
  const std::size_t before = dials();
  ask(5);
  pass(4min);
  ask(5);
  pass(10s);
  EXPECT_EQ(dials(), before);
  pass(1min);
  ask();
  pass(100ms);
  EXPECT_GT(dials(), before);
}

TEST_F(WarmPoolRun, DialsAnewAfterASecondWhereEachIsEndedAtOnce) {
  ask(2);
  const std::size_t before = dialer.begun.size();
  for (int i = 0; i < 30; ++i) {
    accepted.clear();
    pass(100ms);
  }
  EXPECT_LE(dialer.begun.size() - before, 12U) << "some at a time, once a second";
}

TEST_F(WarmPoolRun, TakesManyEndsAtOnceForOne) {
  ask(8);
  pass(1s);
  ASSERT_EQ(accepted.size(), 8U);
  accepted.clear();  // a restart of the server
  pass(1s);
  ask();
  pass(4s);
  EXPECT_TRUE(pool.has_some());
}

TEST_F(WarmPoolRun, ForgetsEndsWhereOneHasLasted) {
  for (int i = 0; i < 5; ++i) {
    ask();
    pass(1s);
    taken.clear();
    accepted.clear();
    pass(25s);
    ask();
    pass(1s);
    EXPECT_EQ(taken.size(), 1U) << i;
    EXPECT_TRUE(pool.has_some()) << i;
  }
}

TEST_F(WarmPoolRun, DropsAllWhereTheMachineSendsFromElsewhere) {
  ask(3);
  pass(2s);
  ASSERT_TRUE(pool.has_some());
  source = IpAddress(IpAddress::V4{10, 0, 0, 1});
  pass(1s);
  EXPECT_FALSE(pool.has_some());
  pass(100ms);
  EXPECT_EQ(pool.size(), 3U) << "new ones: the clients asked within the last seconds";
  EXPECT_TRUE(pool.has_some());
}

TEST_F(WarmPoolRun, GivesNoneAwayWhileTheNextDialIsNotAnswered) {
  ask(3);
  pass(1s);
  dialer.silent = kServer;
  ask();
  EXPECT_TRUE(pool.has_some());
  pass(250ms);
  EXPECT_EQ(taken.size(), 1U);
  EXPECT_TRUE(pool.has_some());
  pass(100ms);
  EXPECT_FALSE(pool.has_some()) << "the server may have vanished without a word";
  pass(10s);
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(pool.size(), 0U);
}

TEST_F(WarmPoolRun, DropsAllWhereAnotherCannotBeHad) {
  ask(3);
  pass(1s);
  dialer.fails[kServer] = EHOSTUNREACH;
  ask();
  pass(100ms);
  EXPECT_EQ(taken.size(), 1U);
  EXPECT_EQ(pool.size(), 0U);
}

TEST_F(WarmPoolRun, WaitsLongerAfterEachDialThatFails) {
  dialer.fails[kServer] = ECONNREFUSED;
  ask();
  pass(100ms);
  EXPECT_EQ(failures, 1);
  ask();
  pass(1s);
  EXPECT_EQ(failures, 1);
  ask();
  pass(1s);
  EXPECT_EQ(failures, 2);
  ask();
  pass(2s);
  EXPECT_EQ(failures, 2);
  EXPECT_EQ(node.spawner().live(), 0U);
}

TEST_F(WarmPoolRun, EndsAtOnceWhereTheProgramDrains) {
  ask(4);
  pass(1s);
  EXPECT_EQ(pool.size(), 4U);
  sessions.stop_starting();
  pass(100ms);
  EXPECT_EQ(pool.size(), 0U);
  EXPECT_EQ(node.spawner().live(), 0U);
  const std::size_t before = dials();
  ask(4);
  pass(1s);
  EXPECT_EQ(dials(), before);
}

TEST_F(WarmPoolRun, EndsADialUnderWayWhereTheProgramDrains) {
  dialer.silent = kServer;
  ask();
  pass(1s);
  EXPECT_EQ(node.spawner().live(), 1U);
  sessions.stop_starting();
  pass(100ms);
  EXPECT_EQ(node.spawner().live(), 0U);
}

class FixedPoolRun : public WarmPoolRun {
 protected:
  FixedPoolRun() { rules.size = 2; }
};

TEST_F(FixedPoolRun, KeepsThatManyForFiveMinutes) {
  rules.worth_it = 5ms;
  connect_time = 1ms;
  ask();
  pass(1s);
  EXPECT_EQ(pool.size(), 2U);
  pass(4min + 50s);
  EXPECT_EQ(pool.size(), 2U);
  pass(1min);
  EXPECT_EQ(pool.size(), 0U);
}

class NoPoolRun : public WarmPoolRun {
 protected:
  NoPoolRun() { rules.size = 0; }
};

TEST_F(NoPoolRun, KeepsNone) {
  ask(8);
  pass(1s);
  EXPECT_EQ(dials(), 0U);
}

}  // namespace
}  // namespace ss::local
