// UDP ASSOCIATE over TCP: what ss-server gets to see of it, and how it ends.
#include "uot_carrier.hpp"

#include "associated.hpp"
#include "ss/protocol/server_handshake.hpp"
#include "ss/protocol/uot.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::local {
namespace {

namespace uot = protocol::uot;
using protocol::testing::joined;
using relay::test::Deed;
using relay::test::Peer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TargetAddress kTarget{kSource.address, kSource.port};

ByteVector frame(const TargetAddress& address, std::string_view text) {
  ByteVector out(uot::kMaxFrameHeader);
  out.resize(uot::put_frame_header(address, text.size(), out));
  return joined(out, bytes_of(text));
}
/// What stands in front of the first frame: isConnect 0, and a hint that names nobody.
ByteVector request_bytes() {
  return protocol::testing::of_hex(std::string("0001000000000000"));
}

class UotCarrier : public Associated {
 protected:
  UotCarrier() {
    rules.udp_over_tcp = config::UdpOverTcp::on;
    accepted = listener(kSsServer);
  }
  /// Takes the connection's first flight as ss-server does. @return its payload.
  ByteVector first_flight() {
    handshake.emplace(server_credentials, keys);
    flight = accepted->hear();
    const protocol::Parsed<protocol::Request> request =
        handshake->feed(flight, env.clock.unix_now(), world.now(), salts);
    if (!request.ready()) return {};
    EXPECT_EQ(request.value().target, uot::magic_target(uot::Version::v2));
    encoder.emplace(handshake->take_encoder(world, world.now(), salts));
    return {request.value().payload.begin(), request.value().payload.end()};
  }
  void answer(ConstBytes bytes, std::size_t chunk = 0x3FFF) {
    accepted->say(*protocol::testing::seal_all(*encoder, bytes, chunk));
    pass(100ms);
  }
  void TearDown() override {
    accepted->go();
    Associated::TearDown();
  }

  protocol::ServerCredentials server_credentials = protocol::testing::server_credentials(config);
  protocol::testing::SaltsSeen salts;
  std::unique_ptr<Peer> accepted;
  std::optional<protocol::ServerHandshake> handshake;
  std::optional<protocol::Encoder> encoder;
  ByteVector flight;
};

TEST_F(UotCarrier, SendsRequestAndFirstDatagramInOneWrite) {
  start();
  EXPECT_TRUE(dialer.begun.empty()) << "nothing was sent yet";
  send("one");
  pass(100ms);
  EXPECT_EQ(accepted->near().count(Deed::Kind::write), 1U);
  EXPECT_EQ(first_flight(), joined(request_bytes(), frame(kTarget, "one")));
  EXPECT_THAT(server.heard, IsEmpty()) << "no datagram to the server";
  EXPECT_EQ(env.counters.packets_up.read(), 1U);
}

TEST_F(UotCarrier, CarriesEveryDatagramBothWays) {
  start();
  const std::string longest(60'000, 'x');
  send("one");
  pass(100ms);
  first_flight();
  protocol::testing::Opening up(handshake->take_decoder());
  send(*TargetAddress::make("name.test", 443), longest);
  send("");
  pass(100ms);
  const ByteVector& all = accepted->hear();
  EXPECT_TRUE(up.feed(ConstBytes(all).subspan(flight.size()), env.clock.unix_now()));
  EXPECT_EQ(up.payload, joined(frame(*TargetAddress::make("name.test", 443), longest), frame(kTarget, "")));
  answer(joined(frame(kTarget, "two"), frame({*IpAddress::parse("2001:db8::1"), 7}, "six")), 1);
  answer(frame(kTarget, longest));
  EXPECT_THAT(answers(), ElementsAre("93.184.216.34:53 two", "[2001:db8::1]:7 six", "93.184.216.34:53 " + longest));
  EXPECT_EQ(env.counters.packets_down.read(), 3U);
}

TEST_F(UotCarrier, JoinsFragments) {
  start();
  send("one ", 1);
  send("two", 0x82);
  pass(100ms);
  EXPECT_EQ(first_flight(), joined(request_bytes(), frame(kTarget, "one two")));
}

TEST_F(UotCarrier, MakesAnotherConnectionWhereOneHasEnded) {
  start();
  for (int i = 0; i < 3; ++i) {
    send("again");
    pass(100ms);
    EXPECT_EQ(first_flight(), joined(request_bytes(), frame(kTarget, "again")));
    if (i == 1) {
      accepted->reset();
    } else {
      accepted->finish();
    }
    pass(100ms);
    accepted->go();
    accepted = listener(kSsServer);
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
  EXPECT_NE(first_flight(), ByteVector()) << "what has waited";
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
      accepted->go();
      accepted = listener(kSsServer);
    }
  }
}

TEST_F(UotCarrier, EndsTheConnectionAtWhatIsNoFrame) {
  start();
  send("one");
  pass(100ms);
  first_flight();
  answer(ByteVector{9});
  pass(6s);
  EXPECT_TRUE(accepted->heard_end() || accepted->heard_reset());
  EXPECT_EQ(sessions.size(), 1U) << "the association goes on";
}

}  // namespace
}  // namespace ss::local
