// UDP ASSOCIATE over TCP: what ss-server gets to see of it, and how it ends.
#include "udp/uot_carrier.hpp"

#include "unit/local/udp/uot_server.hpp"

namespace ss::local {
namespace {

using protocol::testing::joined;
using relay::test::Deed;
using relay::test::Peer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TargetAddress kTarget{kSource.address, kSource.port};

class UotCarrier : public Associated {
 protected:
  UotCarrier() {
    rules.udp_over_tcp = config::UdpOverTcp::on;
    listen();
  }
  void listen() { tcp.emplace(*this, config, keys); }
  void TearDown() override {
    tcp.reset();
    Associated::TearDown();
  }

  std::optional<UotServer> tcp;
};

TEST_F(UotCarrier, SendsRequestAndFirstDatagramInOneWrite) {
  start();
  EXPECT_TRUE(dialer.begun.empty()) << "nothing was sent yet";
  send("one");
  pass(100ms);
  EXPECT_EQ(tcp->peer().near().count(Deed::Kind::write), 1U);
  EXPECT_EQ(tcp->first_flight(), joined(uot_request(), uot_frame(kTarget, "one")));
  EXPECT_THAT(server.heard, IsEmpty()) << "no datagram to the server";
  EXPECT_EQ(env.counters.packets_up.read(), 1U);
}

TEST_F(UotCarrier, CarriesEveryDatagramBothWays) {
  start();
  const std::string longest(60'000, 'x');
  send("one");
  pass(100ms);
  tcp->first_flight();
  send(*TargetAddress::make("name.test", 443), longest);
  send("");
  pass(100ms);
  EXPECT_EQ(tcp->more(), joined(uot_frame(*TargetAddress::make("name.test", 443), longest), uot_frame(kTarget, "")));
  tcp->answer(joined(uot_frame(kTarget, "two"), uot_frame({*IpAddress::parse("2001:db8::1"), 7}, "six")), 1);
  tcp->answer(uot_frame(kTarget, longest));
  EXPECT_THAT(answers(), ElementsAre("93.184.216.34:53 two", "[2001:db8::1]:7 six", "93.184.216.34:53 " + longest));
  EXPECT_EQ(env.counters.packets_down.read(), 3U);
}

TEST_F(UotCarrier, JoinsFragments) {
  start();
  send("one ", 1);
  send("two", 0x82);
  pass(100ms);
  EXPECT_EQ(tcp->first_flight(), joined(uot_request(), uot_frame(kTarget, "one two")));
}

TEST_F(UotCarrier, MakesAnotherConnectionWhereOneHasEnded) {
  start();
  for (int i = 0; i < 3; ++i) {
    send("again");
    pass(100ms);
    EXPECT_EQ(tcp->first_flight(), joined(uot_request(), uot_frame(kTarget, "again")));
    tcp->answer(uot_frame(kTarget, "answer"));
    if (i == 1) {
      tcp->peer().reset();
    } else {
      tcp->peer().finish();
    }
    pass(100ms);
    listen();
  }
  EXPECT_EQ(dialer.begun.size(), 3U);
}

TEST_F(UotCarrier, TriesAgainWhereTheServerCannotBeReached) {
  dialer.fails[kSsServer] = ECONNREFUSED;
  start();
  for (int i = 0; i < 50; ++i) {
    send("lost");
    pass(10ms);
  }
  EXPECT_EQ(dialer.begun.size(), 1U) << "not for each datagram";
  dialer.fails.clear();
  pass(1s);
  EXPECT_NE(tcp->first_flight(), ByteVector()) << "what has waited";
}

TEST_F(UotCarrier, PausesLongerEachTimeWhereTheServerAnswersNothing) {
  start();
  std::vector<std::size_t> dials;
  for (int second = 0; second < 70; ++second) {
    send("for nobody");
    pass(10ms);
    if (dialer.begun.size() > dials.size()) {
      dials.push_back(static_cast<std::size_t>(second));
      tcp->peer().reset();
      pass(10ms);
      listen();
    }
    pass(1s);
  }
  ASSERT_GE(dials.size(), 4U);
  EXPECT_LE(dials.size(), 7U);
  for (std::size_t i = 2; i < dials.size(); ++i) EXPECT_GT(dials[i] - dials[i - 1], dials[i - 1] - dials[i - 2]);
}

TEST_F(UotCarrier, EndsWithItsControlConnectionWhereverItStands) {
  dialer.silent = kSsServer;
  for (const bool reached : {false, true}) {
    for (const Duration when : {0ms, 1ms, 2ms, 5ms, 100ms}) {
      if (reached) dialer.silent.reset();
      control = Peer(network, {kLocal, 1080});
      start();
      send("one");
      pass(when);
      control.finish();
      pass(7s);
      expect_all_gone();
      listen();
    }
  }
}

TEST_F(UotCarrier, EndsAtOnceWhereItPausesBeforeAnotherTry) {
  dialer.fails[kSsServer] = ECONNREFUSED;
  start();
  send("lost");
  pass(100ms);
  control.finish();
  pass(20ms);
  expect_all_gone();
}

TEST_F(UotCarrier, EndsTheConnectionAtWhatIsNoFrame) {
  start();
  send("one");
  pass(100ms);
  tcp->first_flight();
  tcp->answer(ByteVector{9});
  pass(6s);
  EXPECT_TRUE(tcp->peer().heard_end() || tcp->peer().heard_reset());
  EXPECT_EQ(sessions.size(), 1U) << "the association goes on";
}

}  // namespace
}  // namespace ss::local
