// An association that changes over between packets and UDP over TCP.
#include "udp/auto_carrier.hpp"

#include "unit/local/udp/auto_carried.hpp"

namespace ss::local {
namespace {

using protocol::testing::joined;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TargetAddress kTarget{kSource.address, kSource.port};

using AutoCarrier = AutoCarried;

TEST_F(AutoCarrier, BeginsWithPackets) {
  server.echoes = true;
  start();
  send("one");
  pass(20ms);
  EXPECT_THAT(answers(), ElementsAre("93.184.216.34:53 one"));
  EXPECT_THAT(dialer.begun, IsEmpty());
}

TEST_F(AutoCarrier, CarriesOverTcpWherePacketsDoNotGetThrough) {
  start();
  change_over_to_tcp();
  send("one");
  pass(100ms);
  EXPECT_EQ(tcp->first_flight(), joined(uot_request(), uot_frame(kTarget, "one")));
  tcp->answer(uot_frame(kTarget, "two"));
  EXPECT_THAT(answers(), ElementsAre("93.184.216.34:53 two")) << "from the port of before";
  EXPECT_THAT(packets, IsEmpty());
  EXPECT_FALSE(control.heard_end() || control.heard_reset());
  EXPECT_EQ(network.datagrams.tally.open, 1U) << "none towards the server";
}

TEST_F(AutoCarrier, BeginsOverTcpWhereThatIsChosen) {
  start();
  change_over_to_tcp();
  control.finish();
  pass(20ms);
  start_anew();
  send("one");
  pass(100ms);
  EXPECT_EQ(tcp->first_flight(), joined(uot_request(), uot_frame(kTarget, "one")));
  EXPECT_THAT(packets, IsEmpty());
}

TEST_F(AutoCarrier, ReturnsToPacketsOnceTheyGetThrough) {
  start();
  change_over_to_tcp();
  send("by tcp");
  pass(100ms);
  tcp->first_flight();
  heal_udp();
  server.echoes = true;
  pass(61s);
  EXPECT_FALSE(choice->over_tcp());
  EXPECT_TRUE(tcp->peer().heard_end() || tcp->peer().heard_reset());
  send("one");
  pass(20ms);
  EXPECT_THAT(answers(), ElementsAre("93.184.216.34:53 one")) << "from the port of before";
  EXPECT_FALSE(control.heard_end() || control.heard_reset());
}

TEST_F(AutoCarrier, ReturnsToPacketsWhereItBeganOverTcp) {
  start();
  change_over_to_tcp();
  control.finish();
  pass(20ms);
  start_anew();
  heal_udp();
  server.echoes = true;
  pass(61s);
  send("one");
  pass(20ms);
  EXPECT_THAT(answers(), ElementsAre("93.184.216.34:53 one"));
}

TEST_F(AutoCarrier, ChangesOverAsOftenAsThePathDoes) {
  start();
  for (int i = 0; i < 3; ++i) {
    server.echoes = false;
    change_over_to_tcp();
    send("by tcp");
    pass(100ms);
    EXPECT_EQ(tcp->first_flight(), joined(uot_request(), uot_frame(kTarget, "by tcp")));
    listen();
    heal_udp();
    server.echoes = true;
    pass(61s);
    send("back");
    pass(20ms);
    EXPECT_THAT(answers(), ElementsAre("93.184.216.34:53 back"));
  }
}

TEST_F(AutoCarrier, TakesWhatTheClientSentWhileItChanged) {
  start();
  change_over_to_tcp();
  heal_udp();
  server.echoes = true;
  pass(59'900ms);
  const std::size_t before = probes();
  while (probes() == before) pass(1ms);
  for (int i = 0; i < 5; ++i) send(std::to_string(i));
  pass(200ms);
  EXPECT_THAT(answers(), ::testing::SizeIs(5));
}

TEST_F(AutoCarrier, EndsWithItsControlConnectionWhereverItStands) {
  start();
  change_over_to_tcp();
  for (const Duration when : {0ms, 1ms, 2ms, 5ms, 100ms, 59'000ms, 60'003ms, 62'000ms}) {
    control.finish();
    pass(20ms);
    expect_all_gone();
    listen();
    start_anew();
    send("one");
    pass(when);
  }
}

}  // namespace
}  // namespace ss::local
