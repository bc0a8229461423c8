#include "ss/relay/session_list.hpp"

#include "ss/net/dial_control.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::relay::test {
namespace {

/// Limits of 100 s and 40 s, so a sweep every 10 s.
class SessionListSweep : public Fixture {
 protected:
  SessionListSweep() : Fixture({100s, 40s}) {}

  /// When `session` was told to end, looking every 100 ms, or nothing within 5 minutes.
  std::optional<Duration> stopped_at(const LiveSession& session) {
    for (int i = 0; i < 3000; ++i) {
      if (session.stopping()) return now();
      pass(100ms);
    }
    return std::nullopt;
  }
  /// Ended no sooner than `limit` after `from`, and at most a sweep and its granularity later.
  void expect_between(std::optional<Duration> at, Duration from, Duration limit) {
    ASSERT_TRUE(at.has_value());
    EXPECT_GE(*at, from + limit);
    EXPECT_LE(*at, from + limit + 10s + 200ms);
  }
};

TEST_F(SessionListSweep, EndsARelayThatIsSilentForTheIdleTimeAndNotBefore) {
  for (int i = 0; i < 25; ++i) {
    LiveSession session(sessions);
    session.relaying();
    const Duration began = now();
    expect_between(stopped_at(session), began, 100s);
    pass(i * 700ms);
  }
}

TEST_F(SessionListSweep, CountsFromTheLastByte) {
  for (int i = 0; i < 12; ++i) {
    LiveSession session(sessions);
    session.relaying();
    pass(60s + i * 1s);
    session.touch();
    const Duration touched = now();
    expect_between(stopped_at(session), touched, 100s);
  }
}

TEST_F(SessionListSweep, NeverEndsOneThatKeepsMoving) {
  LiveSession session(sessions);
  session.relaying();
  for (int i = 0; i < 20; ++i) {
    pass(99s);
    EXPECT_FALSE(session.stopping());
    session.touch();
  }
}

TEST_F(SessionListSweep, LeavesTheTimeBeforeRelayingToOtherDeadlines) {
  LiveSession session(sessions);
  pass(1000s);
  EXPECT_FALSE(session.stopping());
}

// A dial may take longer than the idle time; that is no silence of the relay.
TEST_F(SessionListSweep, CountsTheIdleTimeFromTheBeginningOfTheRelay) {
  LiveSession session(sessions);
  pass(1000s);
  session.relaying();
  const Duration began = now();
  expect_between(stopped_at(session), began, 100s);
}

TEST_F(SessionListSweep, EndsAHalfClosedSessionAfterItsOwnTime) {
  LiveSession session(sessions);
  session.relaying();
  session.half_closed();
  const Duration closed = now();
  expect_between(stopped_at(session), closed, 40s);
}

// Silence from before the FIN counts for the idle time alone: an answer may just be on its way.
TEST_F(SessionListSweep, CountsTheHalfClosedTimeFromTheHalfClose) {
  for (int i = 0; i < 12; ++i) {
    LiveSession session(sessions);
    session.relaying();
    pass(80s + i * 1s);
    session.half_closed();
    const Duration closed = now();
    expect_between(stopped_at(session), closed, 40s);
  }
}

TEST_F(SessionListSweep, CountsTheHalfClosedTimeFromTheLastByte) {
  LiveSession session(sessions);
  session.relaying();
  session.half_closed();
  pass(35s);
  session.touch();
  const Duration touched = now();
  expect_between(stopped_at(session), touched, 40s);
}

class SessionListWithoutLimits : public Fixture {
 protected:
  SessionListWithoutLimits() : Fixture({0s, 0s}) {}
};

TEST_F(SessionListWithoutLimits, NeverEndsASession) {
  LiveSession idle(sessions);
  idle.relaying();
  LiveSession half(sessions);
  half.relaying();
  half.half_closed();
  pass(1'000'000s);
  EXPECT_FALSE(idle.stopping());
  EXPECT_FALSE(half.stopping());
}

class SessionListWithoutIdleTime : public Fixture {
 protected:
  SessionListWithoutIdleTime() : Fixture({0s, 40s}) {}
};

TEST_F(SessionListWithoutIdleTime, EndsHalfClosedSessionsAlone) {
  LiveSession idle(sessions);
  idle.relaying();
  LiveSession half(sessions);
  half.relaying();
  half.half_closed();
  pass(1000s);
  EXPECT_FALSE(idle.stopping());
  EXPECT_TRUE(half.stopping());
}

using SessionListStopAll = SessionListSweep;

TEST_F(SessionListStopAll, TellsEverySessionAndNoneThatHasGone) {
  LiveSession first(sessions);
  auto second = std::make_unique<LiveSession>(sessions);
  LiveSession third(sessions);
  EXPECT_EQ(sessions.size(), 3U);
  second.reset();
  EXPECT_EQ(sessions.size(), 2U);
  sessions.stop_all();
  EXPECT_TRUE(first.stopping());
  EXPECT_TRUE(third.stopping());
}

TEST_F(SessionListStopAll, KeepsItsListWholeWhateverLeavesFirst) {
  for (int leaver = 0; leaver < 3; ++leaver) {
    std::unique_ptr<LiveSession> all[3];
    for (auto& session : all) session = std::make_unique<LiveSession>(sessions);
    all[leaver].reset();
    sessions.stop_all();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(i == leaver || all[i]->stopping());
  }
}

using SessionListStopStarting = SessionListSweep;

TEST_F(SessionListStopStarting, EndsWhatHasComeToNothingAndWhatBeginsFromThenOn) {
  LiveSession probe(sessions);
  LiveSession relaying(sessions);
  relaying.relaying();
  LiveSession half(sessions);
  half.relaying();
  half.half_closed();
  sessions.stop_starting();
  EXPECT_TRUE(probe.stopping());
  EXPECT_FALSE(relaying.stopping());
  EXPECT_FALSE(half.stopping());
  EXPECT_TRUE(LiveSession(sessions).stopping());
}

class LiveSessionStop : public Fixture {
 protected:
  net::Task<> wait(net::Stream& stream, net::Side side) {
    const net::WaitOutcome outcome = co_await net::ready(stream, side);
    cancelled += outcome == net::WaitOutcome::cancelled ? 1 : 0;
  }
  int cancelled = 0;
};

TEST_F(LiveSessionStop, WakesTheWaitsOnBothStreamsSoonAndNotFromInside) {
  Peer client(network);
  Peer upstream(network);
  const auto near_client = client.take_near();
  const auto near_upstream = upstream.take_near();
  LiveSession session(sessions);
  session.client = near_client.get();
  session.upstream = near_upstream.get();
  node.spawner().spawn(wait(*near_client, net::Side::read));
  node.spawner().spawn(wait(*near_upstream, net::Side::read));
  session.stop();
  EXPECT_TRUE(session.stopping());
  EXPECT_EQ(cancelled, 0);
  pass(kLate);
  EXPECT_EQ(cancelled, 2);
}

TEST_F(LiveSessionStop, CancelsADial) {
  net::DialControl control;
  LiveSession session(sessions);
  session.dial = &control;
  session.stop();
  EXPECT_TRUE(control.cancelled());
}

}  // namespace
}  // namespace ss::relay::test
