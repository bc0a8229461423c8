// What ss-local asks to find out whether UDP gets through, and when.
#include "udp/carrier_probe.hpp"

#include "unit/local/udp/auto_carried.hpp"

namespace ss::local {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The question behind its ID.
const std::string kQuestion("\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01", 15);

class CarrierProbe : public AutoCarried {
 protected:
  void expect_packets_after(const std::vector<Duration>& waits) {
    ASSERT_THAT(packets, SizeIs(waits.size() + 1));
    for (std::size_t i = 0; i < waits.size(); ++i) {
      relay::test::expect_at(packets[i + 1].when - packets[0].when, waits[i]);
    }
  }
};

TEST_F(CarrierProbe, AsksTwoResolversForTheRootInTurn) {
  start();
  send("unanswered");
  pass(7s);
  ASSERT_THAT(server.heard, SizeIs(4));
  EXPECT_EQ(server.heard[1].substr(0, 11), "1.1.1.1:53 ");
  EXPECT_EQ(server.heard[2].substr(0, 11), "8.8.8.8:53 ");
  EXPECT_EQ(server.heard[3].substr(0, 11), "1.1.1.1:53 ");
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(server.heard[i].substr(13), kQuestion);
  EXPECT_NE(packets[1].from, packets[0].from) << "a socket of its own";
  EXPECT_EQ(env.counters.packets_up.read(), 1U) << "the application's alone";
}

TEST_F(CarrierProbe, AsksThreeTimesAndThenByTcp) {
  cut_udp();
  start();
  send("lost");
  pass(5'990ms);
  EXPECT_THAT(dialer.begun, IsEmpty());
  pass(100ms);
  expect_packets_after({2s, 3s, 4s});
  EXPECT_THAT(dialer.begun, ElementsAre(kSsServer));
  const ByteVector asked = tcp->first_flight();
  const std::string text(text_of(asked));
  EXPECT_EQ(text.substr(0, 8), text_of(uot_request()));
  EXPECT_EQ(text.substr(8, 9), std::string("\x00\x01\x01\x01\x01\x00\x35\x00\x11", 9));
  EXPECT_EQ(text.substr(19, 15), kQuestion);
  EXPECT_EQ(text.substr(34, 9), std::string("\x00\x08\x08\x08\x08\x00\x35\x00\x11", 9));
  EXPECT_EQ(text.substr(45), kQuestion);
}

TEST_F(CarrierProbe, TakesAnAnswerToAnyOfItsPackets) {
  for (const Duration when : {100ms, 1'100ms, 3'900ms}) {
    network.datagrams.set_path({kSsServer, std::nullopt}, {.latency = when});
    start_anew();
    server.echoes = false;
    send("unanswered");
    pass(1'950ms);
    server.echoes = true;
    pass(6s);
    EXPECT_THAT(dialer.begun, IsEmpty()) << when.count();
    EXPECT_FALSE(choice->over_tcp());
    control.finish();
    pass(70s);
    expect_all_gone();
  }
}

TEST_F(CarrierProbe, TakesNoPacketThatTheServerDidNotSeal) {
  cut_udp();
  start();
  send("lost");
  pass(2'100ms);
  server.peer.send(packets.back().from, "not sealed");
  pass(4s);
  EXPECT_THAT(dialer.begun, SizeIs(1));
}

TEST_F(CarrierProbe, EndsItsConnectionWithTheAnswer) {
  start();
  change_over_to_tcp();
  pass(100ms);
  EXPECT_EQ(sessions.size(), 1U) << "the association's alone";
}

TEST_F(CarrierProbe, WaitsFiveSecondsForAnAnswerByTcp) {
  cut_udp();
  start();
  send("lost");
  pass(6'100ms);
  EXPECT_EQ(sessions.size(), 2U);
  tcp->first_flight();
  pass(4'800ms);
  EXPECT_EQ(sessions.size(), 2U);
  pass(300ms);
  EXPECT_EQ(sessions.size(), 1U);
  EXPECT_FALSE(choice->over_tcp());
}

TEST_F(CarrierProbe, EndsWithTheAssociationWhereverItStands) {
  cut_udp();
  for (const Duration when : {2'010ms, 2'900ms, 3'010ms, 5'900ms, 6'003ms, 6'500ms}) {
    for (const bool reached : {true, false}) {
      dialer.silent = reached ? std::nullopt : std::optional(kSsServer);
      start_anew();
      send("lost");
      pass(when - 20ms);
      control.finish();
      pass(20ms);
      expect_all_gone();
      packets.clear();
      pass(70s);
      EXPECT_THAT(packets, IsEmpty());
      listen();
    }
  }
}

TEST_F(CarrierProbe, EndsWhereTheWorkerStopsItsSessions) {
  cut_udp();
  start();
  send("lost");
  pass(3s);
  sessions.stop_all();
  pass(20ms);
  expect_all_gone();
}

}  // namespace
}  // namespace ss::local
