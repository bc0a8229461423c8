// Which carrier is chosen, and when that is asked for.
#include "udp/carrier_choice.hpp"

#include <cerrno>

#include "unit/local/udp/auto_carried.hpp"

namespace ss::local {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class CarrierChoice : public AutoCarried {
 protected:
  /// Sends a datagram every 500 ms.
  void keep_sending(Duration time) {
    for (Duration gone{}; gone < time; gone += 500ms) {
      send("steady");
      pass(500ms);
    }
  }
};

TEST_F(CarrierChoice, AsksNothingWhileAnswersCome) {
  server.echoes = true;
  start();
  keep_sending(30s);
  EXPECT_EQ(probes(), 0U);
  EXPECT_THAT(server.heard, SizeIs(60));
  EXPECT_THAT(dialer.begun, IsEmpty());
}

TEST_F(CarrierChoice, AsksForWhatWasSentLastInAWhileThatHadAnswers) {
  server.echoes = true;
  start();
  send("answered");
  pass(1s);
  server.echoes = false;
  send("unanswered");
  pass(2'950ms);
  EXPECT_EQ(probes(), 0U);
  pass(100ms);
  EXPECT_EQ(probes(), 1U);
}

TEST_F(CarrierChoice, AsksNothingBeforeSomethingWasSent) {
  cut_udp();
  start();
  pass(60s);
  EXPECT_THAT(packets, IsEmpty());
  EXPECT_THAT(dialer.begun, IsEmpty());
}

TEST_F(CarrierChoice, TrustsAnAnswerForAMinuteOfSilence) {
  start();
  network.datagrams.set_path({std::nullopt, kSsServer}, {});
  send("unanswered");
  pass(1'950ms);
  server.echoes = true;
  pass(100ms);
  EXPECT_EQ(probes(), 1U) << "and it was answered";
  server.echoes = false;
  keep_sending(57s);
  EXPECT_EQ(probes(), 1U);
  keep_sending(6s);
  EXPECT_GE(probes(), 2U);
}

TEST_F(CarrierChoice, TrustsNothingAnyMoreOnceTrafficWasAnswered) {
  start();
  send("unanswered");
  pass(1'950ms);
  server.echoes = true;
  pass(100ms);
  ASSERT_EQ(probes(), 1U) << "and it was answered";
  keep_sending(5s);
  server.echoes = false;
  keep_sending(5s);
  EXPECT_GT(probes(), 1U);
}

TEST_F(CarrierChoice, StaysWhereNeitherGetsThrough) {
  cut_udp();
  dialer.fails[kSsServer] = ECONNREFUSED;
  start();
  keep_sending(16s);
  EXPECT_FALSE(choice->over_tcp());
  EXPECT_THAT(dialer.begun, SizeIs(1)) << "not again within 10 s";
  keep_sending(8s);
  EXPECT_THAT(dialer.begun, SizeIs(2));
}

TEST_F(CarrierChoice, StaysWhereTheServerDoesNotKnowUdpOverTcp) {
  cut_udp();
  start();
  send("lost");
  pass(6'100ms);
  tcp->first_flight();
  tcp->peer().finish();
  pass(1s);
  EXPECT_FALSE(choice->over_tcp());
}

TEST_F(CarrierChoice, TakesAPacketThatWasOnlyLateForMoreThanTheProbe) {
  start();
  send("slow");
  pass(1s);
  cut_udp();
  pass(2s);
  server.answer(kSource, "late");
  pass(10s);
  EXPECT_THAT(dialer.begun, IsEmpty());
  EXPECT_FALSE(choice->over_tcp());
}

TEST_F(CarrierChoice, TakesAPacketThatWasOnlyLateForMoreThanAnAnswerByTcp) {
  start();
  send("slow");
  pass(1s);
  cut_udp();
  pass(5'100ms);
  ASSERT_FALSE(tcp->first_flight().empty());
  server.answer(kSource, "late");
  pass(20ms);
  tcp->answer(uot_frame({kSource.address, kSource.port}, "answer"));
  EXPECT_FALSE(choice->over_tcp());
}

TEST_F(CarrierChoice, AsksPacketsAgainEveryMinute) {
  start();
  change_over_to_tcp();
  pass(59s);
  EXPECT_THAT(packets, IsEmpty());
  pass(5s);
  EXPECT_THAT(packets, SizeIs(3));
  pass(59s);
  EXPECT_THAT(packets, SizeIs(3));
  pass(6s);
  EXPECT_THAT(packets, SizeIs(6));
  EXPECT_TRUE(choice->over_tcp());
}

TEST_F(CarrierChoice, AsksNothingWithoutAnAssociation) {
  start();
  change_over_to_tcp();
  control.finish();
  pass(300s);
  EXPECT_THAT(packets, IsEmpty());
  expect_all_gone();
  EXPECT_TRUE(choice->over_tcp());
  start_anew();
  pass(10ms);
  EXPECT_THAT(packets, SizeIs(1)) << "the minute has long gone by";
}

TEST_F(CarrierChoice, DoesNotAskAnewForEachAssociation) {
  start();
  change_over_to_tcp();
  for (int i = 0; i < 50; ++i) {
    control.finish();
    pass(500ms);
    start_anew();
  }
  EXPECT_THAT(packets, IsEmpty());
}

}  // namespace
}  // namespace ss::local
