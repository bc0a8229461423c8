// How an association of ss-local joins fragments, and how it ends.
#include "unit/local/udp/associated.hpp"

namespace ss::local {
namespace {

using relay::test::counting;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class UdpAssociationFragments : public Associated {};

TEST_F(UdpAssociationFragments, AreJoined) {
  start();
  send("one ", 1);
  send("two ", 2);
  send("three", 0x83);
  pass(20ms);
  EXPECT_THAT(server.heard, ElementsAre("93.184.216.34:53 one two three"));
  EXPECT_EQ(env.counters.packets_up.read(), 1U);
  send("alone", 0x81);
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(2));
}

TEST_F(UdpAssociationFragments, AreGivenUpForAStandaloneDatagram) {
  start();
  send("one ", 1);
  send("standalone");
  send("two", 0x82);
  pass(20ms);
  EXPECT_THAT(server.heard, ElementsAre("93.184.216.34:53 standalone"));
}

TEST_F(UdpAssociationFragments, AreGivenUpAfterFiveSeconds) {
  start();
  send("one ", 1);
  pass(4'900ms);
  send("two", 0x82);
  pass(200ms);
  EXPECT_THAT(server.heard, ElementsAre("93.184.216.34:53 one two"));
  send("one ", 1);
  pass(5'010ms);
  send("two", 0x82);
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
}

TEST_F(UdpAssociationFragments, HaveFiveSecondsAnewWhereASequenceBeginsAnew) {
  start();
  send("one ", 1);
  pass(3s);
  send("standalone");
  send("one ", 1);
  pass(4'900ms);
  send("two", 0x82);
  pass(20ms);
  EXPECT_EQ(server.heard.back(), "93.184.216.34:53 one two");
}

TEST_F(UdpAssociationFragments, LeaveNothingWhereTheAssociationEnds) {
  start();
  send("one ", 1);
  pass(20ms);
  control.finish();
  pass(20ms);
  expect_all_gone();
  pass(10s);
}

class UdpAssociationEnd : public Associated {
 protected:
  void SetUp() override {
    start();
    server.echoes = true;
    send("hello");
    pass(20ms);
    ASSERT_THAT(answers(), SizeIs(1));
  }
  void expect_ended() {
    expect_all_gone();
    send("too late");
    server.answer(kSource, "too late");
    pass(20ms);
    EXPECT_THAT(server.heard, SizeIs(1));
    EXPECT_THAT(answers(), IsEmpty());
  }
};

TEST_F(UdpAssociationEnd, ComesWithTheEndOfItsControlConnection) {
  control.finish();
  pass(20ms);
  expect_ended();
  EXPECT_TRUE(control.heard_end());
}

TEST_F(UdpAssociationEnd, ComesWithTheResetOfItsControlConnection) {
  control.reset();
  pass(20ms);
  expect_ended();
}

TEST_F(UdpAssociationEnd, ComesWhenItIsStopped) {
  sessions.stop_all();
  pass(20ms);
  expect_ended();
}

TEST_F(UdpAssociationEnd, ComesWithDatagramsUnderWay) {
  for (int i = 0; i < 50; ++i) send("under way");
  pass(300us);
  control.finish();
  pass(20ms);
  expect_all_gone();
}

TEST_F(UdpAssociationEnd, DoesNotComeWithWhatTheControlConnectionSays) {
  for (int i = 0; i < 3; ++i) {
    control.say(counting(30'000));
    pass(20ms);
    send("hello");
    pass(20ms);
    EXPECT_THAT(answers(), SizeIs(1));
  }
}

TEST_F(UdpAssociationEnd, ComesOnceItWasIdleForTooLong) {
  for (int i = 0; i < 5; ++i) {
    pass(100s);
    send("still here");
    pass(20ms);
    EXPECT_THAT(answers(), SizeIs(1)) << "any datagram keeps it";
  }
  pass(119s);
  EXPECT_EQ(sessions.size(), 1U);
  pass(62s);
  EXPECT_EQ(sessions.size(), 0U);
  expect_all_gone();
}

}  // namespace
}  // namespace ss::local
