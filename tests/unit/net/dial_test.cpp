#include "ss/net/dial.hpp"

#include <gtest/gtest.h>

#include "scripted_stream.hpp"
#include "ss/net/spawner.hpp"

namespace ss::net {
namespace {

using namespace std::chrono_literals;
using test::Clockwork;

Endpoint v4(std::uint8_t last) {
  return {IpAddress(IpAddress::V4{192, 0, 2, last}), 443};
}
Endpoint v6(std::uint8_t last) {
  IpAddress::V6 bytes{0x20, 0x01, 0x0d, 0xb8};
  bytes[15] = last;
  return {IpAddress(bytes), 443};
}

struct DialTest : testing::Test {
  Clockwork works;
  test::ScriptedDialer dialer{works};
  DialControl control;
  std::optional<DialResult> result;
  Spawner spawner;

  Task<> store(Task<DialResult> task) {
    DialResult got = co_await task;
    result.emplace(std::move(got));
  }
  void begin(std::vector<Endpoint> endpoints, DialOptions options = {}) {
    spawner.spawn(store(dial(dialer, works.timers, std::move(endpoints), options, &control)));
  }
  std::vector<std::pair<Endpoint, Duration>> begun() const { return dialer.begun; }
  using Begun = std::vector<std::pair<Endpoint, Duration>>;
};
using DialOne = DialTest;
using DialMany = DialTest;
using DialCancel = DialTest;

TEST_F(DialOne, GivesTheStreamAndItsBoundAddress) {
  dialer.fates[v4(1)] = {30ms, 0};
  begin({v4(1)});
  EXPECT_FALSE(result);
  works.advance(30ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::connected);
  EXPECT_EQ(result->error, 0);
  ASSERT_TRUE(result->stream);
  EXPECT_EQ(result->bound.port, 40000);
  works.advance(20s);
  EXPECT_EQ(dialer.records[v4(1)].resets, 0);
}

TEST_F(DialOne, TellsWhyItFailed) {
  struct Case {
    int error;
    DialCause cause;
  };
  for (const Case& c : {Case{ECONNREFUSED, DialCause::refused}, Case{ETIMEDOUT, DialCause::timed_out},
                        Case{EHOSTUNREACH, DialCause::host_unreachable}, Case{kTtlExpired, DialCause::ttl_expired},
                        Case{ENETUNREACH, DialCause::network_unreachable}, Case{EACCES, DialCause::not_permitted},
                        Case{EBADF, DialCause::failed}}) {
    dialer.fates[v4(1)] = {1ms, c.error};
    result.reset();
    begin({v4(1)});
    works.advance(1ms);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->cause, c.cause);
    EXPECT_EQ(result->error, c.error);
    EXPECT_FALSE(result->stream);
    works.advance(10ms);
  }
}

TEST_F(DialOne, TellsAtOnceWhatFailsAtOnce) {
  dialer.fails_at_once[v4(1)] = EMFILE;
  begin({v4(1)});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::no_descriptors);
  works.advance(10s);
}

TEST_F(DialOne, FailsWithoutEndpoints) {
  begin({});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::failed);
  works.advance(10s);
}

TEST_F(DialOne, EndsAtTheDeadlineAndResets) {
  begin({v4(1)}, {3s, 250ms});
  works.advance(3s - 1ns);
  EXPECT_FALSE(result);
  works.advance(1ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::timed_out);
  EXPECT_EQ(dialer.records[v4(1)].resets, 1);
  EXPECT_EQ(dialer.records[v4(1)].alive, 0);
}

TEST_F(DialMany, BeginsOneAttemptEvery250Milliseconds) {
  dialer.fates[v4(3)] = {100ms, 0};
  begin({v6(1), v4(2), v4(3), v4(4)});
  works.advance(600ms);
  EXPECT_EQ(begun(), (Begun{{v6(1), 0ms}, {v4(2), 250ms}, {v4(3), 500ms}}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::connected);
}

TEST_F(DialMany, BeginsTheNextAtOnceAfterAFailure) {
  dialer.fates[v6(1)] = {10ms, ENETUNREACH};
  dialer.fails_at_once[v6(2)] = EAFNOSUPPORT;
  dialer.fates[v4(3)] = {20ms, 0};
  begin({v6(1), v6(2), v4(3)});
  works.advance(40ms);
  EXPECT_EQ(begun(), (Begun{{v6(1), 0ms}, {v6(2), 10ms}, {v4(3), 10ms}}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::connected);
}

TEST_F(DialOne, SaysHowMuchOfTheFirstBytesIsOnItsWay) {
  dialer.fates[v4(1)] = {30ms, 0};
  dialer.takes_first[v4(1)] = 1400;
  const ByteVector first(2000);
  begin({v4(1)}, {10s, 250ms, first});
  works.advance(30ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->sent, 1400U);
}

TEST_F(DialOne, AsksForAnExpiredTtlWhereItIsTold) {
  DialOptions options;
  for (const bool wished : {true, false}) {
    options.tell_ttl = wished;
    begin({v4(1)}, options);
    EXPECT_EQ(dialer.wished_ttl, wished);
    works.advance(20s);
  }
}

TEST_F(DialMany, LetsNobodyBesideAnAttemptThatHasSentTheFirstBytes) {
  dialer.fates[v6(1)] = {400ms, ECONNREFUSED};
  dialer.takes_first[v6(1)] = 100;
  dialer.fates[v4(2)] = {40ms, 0};
  const ByteVector first(100);
  begin({v6(1), v4(2)}, {10s, 250ms, first});
  works.advance(450ms);
  EXPECT_EQ(begun(), (Begun{{v6(1), 0ms}, {v4(2), 400ms}}));
  EXPECT_EQ(dialer.offered, (std::vector<std::size_t>{100, 100}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->sent, 0U);
}

TEST_F(DialMany, EndsWhereAnAttemptHasFailedWhoseFirstBytesMayHaveBeenRead) {
  dialer.fates[v6(1)] = {40ms, ECONNRESET};
  dialer.takes_first[v6(1)] = 100;
  dialer.fates[v4(2)] = {40ms, 0};
  const ByteVector first(100);
  begin({v6(1), v4(2)}, {10s, 250ms, first});
  works.advance(450ms);
  EXPECT_EQ(begun(), (Begun{{v6(1), 0ms}}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error, ECONNRESET);
}

TEST_F(DialMany, OffersNoFirstBytesBesideAnotherAttempt) {
  dialer.fates[v6(1)] = {5s, 0};
  dialer.fates[v4(2)] = {40ms, 0};
  dialer.takes_first[v4(2)] = 100;
  const ByteVector first(100);
  begin({v6(1), v4(2)}, {10s, 250ms, first});
  works.advance(300ms);
  EXPECT_EQ(dialer.offered, (std::vector<std::size_t>{100, 0}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->sent, 0U);
}

TEST_F(DialMany, TakesTheFirstSuccessAndResetsTheOthers) {
  dialer.fates[v6(1)] = {5s, 0};
  dialer.fates[v4(2)] = {40ms, 0};
  begin({v6(1), v4(2), v4(3)});
  works.advance(300ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::connected);
  EXPECT_EQ(dialer.records[v6(1)].resets, 1);
  EXPECT_EQ(dialer.records[v6(1)].waits_ended, 1);
  EXPECT_EQ(dialer.records[v6(1)].alive, 0);
  EXPECT_EQ(dialer.records[v4(2)].alive, 1);
  EXPECT_EQ(dialer.begun.size(), 2U);
  works.advance(20s);
}

TEST_F(DialMany, ReportsTheMostTellingFailure) {
  dialer.fates[v6(1)] = {1ms, ENETUNREACH};
  dialer.fates[v4(2)] = {1ms, ECONNREFUSED};
  dialer.fates[v4(3)] = {1ms, EHOSTUNREACH};
  begin({v6(1), v4(2), v4(3)});
  works.advance(50ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::refused);
  EXPECT_EQ(result->error, ECONNREFUSED);
}

TEST_F(DialMany, SharesOneDeadline) {
  begin({v4(1), v4(2), v4(3)}, {1s, 250ms});
  works.advance(1s + 10ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::timed_out);
  for (std::uint8_t i = 1; i <= 3; ++i) EXPECT_EQ(dialer.records[v4(i)].resets, 1) << int{i};
}

TEST_F(DialMany, KeepsWhatSucceedsInTheSameTurnApart) {
  dialer.fates[v4(1)] = {300ms, 0};
  dialer.fates[v4(2)] = {50ms, 0};
  begin({v4(1), v4(2)});
  works.advance(300ms);
  works.advance(10ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::connected);
  EXPECT_EQ(dialer.records[v4(1)].alive + dialer.records[v4(2)].alive, 1);
}

TEST_F(DialCancel, EndsADialSoonButNotFromInside) {
  begin({v4(1), v4(2)});
  works.advance(300ms);
  control.cancel();
  EXPECT_FALSE(result);
  works.advance(0s);
  works.advance(5ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::cancelled);
  EXPECT_EQ(dialer.records[v4(1)].alive, 0);
  EXPECT_EQ(dialer.records[v4(2)].alive, 0);
}

TEST_F(DialCancel, KeepsADialFromBeginning) {
  control.cancel();
  begin({v4(1)});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::cancelled);
  EXPECT_TRUE(dialer.begun.empty());
  works.advance(10s);
}

TEST_F(DialCancel, ClosesAConnectionThatComesInTheSameMoment) {
  dialer.fates[v4(1)] = {10ms, 0};
  begin({v4(1)});
  works.clock.advance(10ms);
  control.cancel();
  works.advance(5ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::cancelled);
  EXPECT_EQ(dialer.records[v4(1)].alive, 0);
}

TEST_F(DialCancel, DoesNothingAfterTheEnd) {
  dialer.fates[v4(1)] = {1ms, 0};
  begin({v4(1)});
  works.advance(1ms);
  control.cancel();
  works.advance(1s);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, DialCause::connected);
}

TEST(DialInterleave, LetsTheFamiliesTakeTurns) {
  const std::vector<IpAddress> addresses{v6(1).address, v6(2).address, v6(3).address, v4(1).address, v4(2).address};
  EXPECT_EQ(interleave(addresses, 443, true), (std::vector<Endpoint>{v6(1), v4(1), v6(2), v4(2), v6(3)}));
  EXPECT_EQ(interleave(addresses, 443, false), (std::vector<Endpoint>{v4(1), v6(1), v4(2), v6(2), v6(3)}));
  EXPECT_TRUE(interleave({}, 443, true).empty());
}

}  // namespace
}  // namespace ss::net
