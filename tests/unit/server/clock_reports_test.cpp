#include "clock_reports.hpp"

#include "served.hpp"

namespace ss::server {
namespace {

class ClockReportsOf : public Served {
 protected:
  ClockReportsOf() : Served("2022-blake3-aes-128-gcm", true) { clocks = &reports; }

  ClockReports reports{server_credentials};
};

TEST_F(ClockReportsOf, SpeakOfEachUserOnceAMinute) {
  for (const std::size_t user : {0U, 1U}) {
    EXPECT_TRUE(reports.note(user, -40, MonoTime(1s)));
    EXPECT_FALSE(reports.note(user, -41, MonoTime(2s)));
    EXPECT_FALSE(reports.note(user, 50, MonoTime(60s)));
    EXPECT_TRUE(reports.note(user, 10, MonoTime(61s)));
  }
}

TEST_F(ClockReportsOf, PassOverAFewSeconds) {
  for (const std::int64_t offset : {-5, -1, 0, 1, 5}) EXPECT_FALSE(reports.note(2, offset, MonoTime(1s)));
  EXPECT_TRUE(reports.note(2, 6, MonoTime(1s)));
  EXPECT_TRUE(reports.note(0, -6, MonoTime(1s)));
}

TEST_F(ClockReportsOf, TakeAnyOffset) {
  EXPECT_TRUE(reports.note(0, INT64_MIN, MonoTime(1s)));
  EXPECT_TRUE(reports.note(1, INT64_MAX, MonoTime(1s)));
}

TEST_F(ClockReportsOf, HearOfRefusedAndOfServedRequests) {
  for (const Duration age : {10s, 40s}) {
    Peer client(network);
    serve_to(client);
    client.say(request({kTarget.address, kTarget.port}, counting(30), age).flight);
    pass(50ms);
    EXPECT_FALSE(reports.note(config.user, 100, env.clock.now())) << "there was a line";
    EXPECT_TRUE(reports.note(0, 100, env.clock.now())) << "not of others";
    client.reset();
    pass(61s);
  }
}

TEST_F(ClockReportsOf, HearNothingOfClocksThatAreRight) {
  Peer client(network);
  serve_to(client);
  client.say(request({kTarget.address, kTarget.port}, counting(30), 2s).flight);
  pass(50ms);
  EXPECT_TRUE(reports.note(config.user, 100, env.clock.now()));
  client.reset();
}

}  // namespace
}  // namespace ss::server
