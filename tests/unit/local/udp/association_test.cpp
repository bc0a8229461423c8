#include "udp/association.hpp"

#include <cerrno>
#include <set>

#include "unit/local/udp/associated.hpp"

namespace ss::local {
namespace {

using protocol::testing::joined;
using protocol::testing::of_hex;
using protocol::testing::PairConfig;
using relay::test::Peer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// What the client is told: no authentication, and the reply.
ByteVector told(const std::string& reply) {
  return of_hex("0500" + reply);
}
ByteVector told(const std::string& reply, std::uint16_t port) {
  return joined(told(reply), ByteVector{static_cast<std::uint8_t>(port >> 8), static_cast<std::uint8_t>(port)});
}

/// With every method.
class UdpAssociationOf : public Associated, public ::testing::WithParamInterface<PairConfig> {
 protected:
  UdpAssociationOf() : Associated(GetParam()) {}
  [[nodiscard]] bool is_plain() const { return ss_server.credentials().method().family == cipher::Family::plain; }
};

TEST_P(UdpAssociationOf, RelaysBothWays) {
  start();
  server.echoes = true;
  for (const std::size_t size : {1U, 0U, 1'200U, 1'472U, 60'000U}) {
    const std::string text(size, 'x');
    send(text);
    pass(20ms);
    EXPECT_EQ(server.heard.back(), "93.184.216.34:53 " + text);
    EXPECT_THAT(answers(), ElementsAre("93.184.216.34:53 " + text)) << size;
  }
  EXPECT_EQ(env.counters.packets_up.read(), 5U);
  EXPECT_EQ(env.counters.packets_down.read(), 5U);
  EXPECT_EQ(env.counters.associations.read(), 1U);
}

TEST_P(UdpAssociationOf, PassesTargetsAndSourcesOnAsTheyAre) {
  start();
  send(*TargetAddress::make("example.com", 443), "name");
  send(*TargetAddress::make("2001:db8::1", 65'535), "six");
  send(*TargetAddress::make("::ffff:192.0.2.1", 1), "mapped");
  pass(20ms);
  EXPECT_THAT(server.heard,
              ElementsAre("example.com:443 name", "[2001:db8::1]:65535 six", "[::ffff:192.0.2.1]:1 mapped"));
  for (const char* source : {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"}) {
    server.answer({*IpAddress::parse(source), 53}, "answer");
  }
  pass(20ms);
  EXPECT_THAT(answers(), ElementsAre("192.0.2.1:53 answer", "[2001:db8::1]:53 answer", "[::ffff:192.0.2.1]:53 answer"));
}

TEST_P(UdpAssociationOf, KeepsABatchInOrder) {
  start();
  server.echoes = true;
  std::vector<std::string> wanted;
  for (int i = 0; i < 200; ++i) {
    // Sizes that change and sizes that do not: both ways of arriving in one buffer.
    const std::string text = std::to_string(1'000 + i) + std::string(static_cast<std::size_t>(i / 50 * (i % 3)), 'x');
    wanted.push_back("93.184.216.34:53 " + text);
    send(text);
  }
  pass(100ms);
  EXPECT_EQ(server.heard, wanted);
  EXPECT_EQ(answers(), wanted);
}

TEST_P(UdpAssociationOf, DropsADatagramThatDoesNotFitOnceSealed) {
  start();
  const std::size_t head = socks_datagram({kSource.address, kSource.port}, "").size();
  const std::string longest(65'507 - head, 'x');
  send(longest);
  send("short");
  pass(20ms);
  if (is_plain()) {
    EXPECT_THAT(server.heard, SizeIs(2)) << "plain packets are shorter than SOCKS5's";
  } else {
    EXPECT_THAT(server.heard, ElementsAre("93.184.216.34:53 short"));
    EXPECT_EQ(env.counters.packets_dropped.read(), 1U);
    EXPECT_EQ(env.counters.packets_too_long.read(), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, UdpAssociationOf, ::testing::ValuesIn(protocol::testing::pair_configs()),
                         [](const auto& each) { return each.param.name; });

/// With the methods that authenticate.
class UdpAssociationOver : public UdpAssociationOf {
 public:
  static auto all() {
    std::vector<PairConfig> sealed = protocol::testing::pair_configs();
    std::erase_if(sealed, [](const PairConfig& each) {
      return protocol::testing::method(each.method).family == cipher::Family::plain;
    });
    return ::testing::ValuesIn(sealed);
  }
};

TEST_P(UdpAssociationOver, DeliversNothingChangedOrTwiceOverABadPath) {
  const sim::Path bad{.lost = 100, .doubled = 200, .reordered = 200, .cut = 50, .flipped = 50};
  network.datagrams.set_path({.from = std::nullopt, .to = kSsServer}, bad);
  network.datagrams.set_path({.from = kSsServer, .to = std::nullopt}, bad);
  start();
  server.echoes = true;
  constexpr std::size_t kSent = 400;
  for (std::size_t i = 0; i < kSent; ++i) {
    send("number " + std::to_string(i));
    pass(1ms);
  }
  pass(100ms);
  const std::string head = "93.184.216.34:53 number ";
  std::set<std::string> different;
  for (const std::string& answer : answers()) {
    EXPECT_TRUE(answer.starts_with(head) && std::stoul(answer.substr(head.size())) < kSent) << answer;
    EXPECT_TRUE(different.insert(answer).second) << answer << " came twice";
  }
  EXPECT_GT(different.size(), kSent / 2);
  EXPECT_GT(env.counters.packets_replayed.read(), 20U);
}

INSTANTIATE_TEST_SUITE_P(Methods, UdpAssociationOver, UdpAssociationOver::all(),
                         [](const auto& each) { return each.param.name; });

class UdpAssociationReply : public Associated {};

TEST_F(UdpAssociationReply, NamesThePortThatItIsBoundTo) {
  start();
  EXPECT_EQ(control.hear(), told("05000001cb007109", bound.port));
  EXPECT_EQ(network.datagrams.tally.open, 2U);
  send("hello");
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
}

TEST_F(UdpAssociationReply, NamesTheAddressThatIsAdvertised) {
  rules.advertised = IpAddress(IpAddress::V4{198, 51, 100, 77});
  start();
  EXPECT_EQ(control.hear(), told("05000001c633644d", bound.port));
  send("hello");
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
}

TEST_F(UdpAssociationReply, NamesAnIpv6AddressWhereTheClientReachedOne) {
  const IpAddress own = *IpAddress::parse("2001:db8::9");
  const IpAddress far = *IpAddress::parse("2001:db8::7");
  node.datagrams().add_address(own);
  control = Peer(network, {own, 1080}, {far, 50'000});
  start();
  EXPECT_EQ(control.hear(), told("0500000420010db8000000000000000000000009", bound.port));
  sim::UdpPeer six(network, {far, 5'000});
  server.echoes = true;
  six.send({own, bound.port}, socks_datagram({kSource.address, kSource.port}, "hello"));
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
  EXPECT_THAT(six.heard, SizeIs(1));
}

TEST_F(UdpAssociationReply, FindsTheServerByName) {
  network.names["ss.test"] = {kSsServer.address};
  go_to(*TargetAddress::make("ss.test", kSsServer.port));
  start();
  send("hello");
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
}

TEST_F(UdpAssociationReply, IsHostUnreachableWhereTheServersNameIsNotThere) {
  go_to(*TargetAddress::make("nowhere.test", 8388));
  ask();
  pass(1s);
  EXPECT_EQ(control.hear(), told("05040001000000000000"));
  EXPECT_TRUE(control.heard_end());
  EXPECT_EQ(env.counters.dial_failures.read(), 1U);
  EXPECT_EQ(network.datagrams.tally.opened, 0U);
}

TEST_F(UdpAssociationReply, IsGeneralFailureWhereThereIsNoSocket) {
  node.datagrams().fails_with = EMFILE;
  ask();
  EXPECT_EQ(control.hear(), told("05010001000000000000"));
  EXPECT_TRUE(control.heard_end());
  EXPECT_EQ(env.counters.dial_failures.read(), 1U);
}

TEST_F(UdpAssociationReply, IsGeneralFailureWhereThereAreAsManyAsMayBe) {
  AssociationCap cap(1);
  rules.associations = &cap;
  start();
  Peer second(network, {kLocal, 1080});
  std::swap(control, second);
  ask();
  EXPECT_EQ(control.hear(), told("05010001000000000000"));
  second.finish();
  pass(20ms);
  EXPECT_EQ(cap.taken, 0U);
  control = Peer(network, {kLocal, 1080});
  start();
  control.finish();
  pass(20ms);
  EXPECT_EQ(cap.taken, 0U);
}

TEST_F(UdpAssociationReply, IsGeneralFailureWhereNoWayLeadsToTheServer) {
  go_to(*TargetAddress::make("2001:db8::1", 8388));  // this machine has no IPv6
  ask();
  EXPECT_EQ(control.hear(), told("05010001000000000000"));
  EXPECT_TRUE(control.heard_end());
  EXPECT_LE(network.datagrams.tally.open, 1U);
}

TEST_F(UdpAssociationReply, DoesNotComeWhereTheSessionStopsDuringTheLookUp) {
  network.names["ss.test"] = {kSsServer.address};
  go_to(*TargetAddress::make("ss.test", kSsServer.port));
  for (const Duration when : {1ms, 2ms, 5ms, 20ms, 52ms}) {
    control = Peer(network, {kLocal, 1080});
    node.spawner().spawn(
        serve(env, worker.emplace(LocalWorker{negotiation, {{rules, packet_keys, choice}}}), control.take_near()));
    control.say(of_hex(std::string("05010005030001000000000000")));
    pass(when);
    sessions.stop_all();
    pass(200ms);
    expect_all_gone();
  }
}

class UdpAssociationClient : public Associated {};

TEST_F(UdpAssociationClient, IsTheControlConnectionsPeerAlone) {
  start();
  sim::UdpPeer other(network, {IpAddress(IpAddress::V4{192, 0, 2, 8}), kApplication.port});
  other.send(bound, socks_datagram({kSource.address, kSource.port}, "not mine"));
  pass(20ms);
  EXPECT_THAT(server.heard, IsEmpty());
  EXPECT_EQ(env.counters.packets_refused.read(), 1U);
  send("mine");
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
  other.send(bound, socks_datagram({kSource.address, kSource.port}, "still not mine"));
  pass(20ms);
  server.answer(kSource, "answer");
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
  EXPECT_THAT(other.heard, IsEmpty());
  EXPECT_THAT(answers(), SizeIs(1));
}

TEST_F(UdpAssociationClient, KeepsThePortThatItSendsFromFirst) {
  start();
  sim::UdpPeer other(network, {kApplication.address, 6'000});
  send("first");
  pass(20ms);
  other.send(bound, socks_datagram({kSource.address, kSource.port}, "another port"));
  pass(20ms);
  server.answer(kSource, "answer");
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
  EXPECT_EQ(env.counters.packets_refused.read(), 1U);
  EXPECT_THAT(answers(), SizeIs(1));
  EXPECT_THAT(other.heard, IsEmpty());
}

TEST_F(UdpAssociationClient, TakesNoPortWithADatagramThatIsNone) {
  start();
  sim::UdpPeer other(network, {kApplication.address, 6'000});
  for (const char* stray : {"", "00", "0000", "000000", "00000001", "0000000101020304", "000000010102030400",
                            "00000005010203040035", "000000030000350061", "00000001010203040000"}) {
    other.send(bound, of_hex(std::string(stray)));
  }
  pass(20ms);
  EXPECT_EQ(env.counters.packets_refused.read(), 10U);
  other.send(bound, of_hex(std::string("00010001010203040035")));
  pass(20ms);
  EXPECT_EQ(env.counters.packets_refused.read(), 11U) << "nor with RSV";
  send("first");
  pass(20ms);
  EXPECT_THAT(server.heard, ElementsAre("93.184.216.34:53 first"));
}

TEST_F(UdpAssociationClient, IsAtThePortThatItsRequestNames) {
  for (const char* host : {"192.0.2.7", "0.0.0.0", "::", "::ffff:192.0.2.7"}) {
    SCOPED_TRACE(host);
    control = Peer(network, {kLocal, 1080});
    start(*TargetAddress::make(host, kApplication.port));
    const std::size_t before = server.heard.size();
    {
      sim::UdpPeer other(network, {kApplication.address, 6'000});
      other.send(bound, socks_datagram({kSource.address, kSource.port}, "another port"));
      pass(20ms);
    }
    EXPECT_EQ(server.heard.size(), before);
    send("named port");
    pass(20ms);
    EXPECT_EQ(server.heard.size(), before + 1);
    control.finish();
    pass(20ms);
  }
}

TEST_F(UdpAssociationClient, MayNameAnAddressThatWeDoNotSee) {
  start(*TargetAddress::make("10.0.0.5", 1'234));  // behind a NAT
  send("hello");
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
}

TEST_F(UdpAssociationClient, MayNameAHost) {
  start(*TargetAddress::make("my.host", 1'234));
  send("hello");
  pass(20ms);
  EXPECT_THAT(server.heard, SizeIs(1));
}

class UdpAssociationServer : public Associated {};

TEST_F(UdpAssociationServer, IsTheOnlyOneThatIsHeard) {
  start();
  send("hello");
  pass(20ms);
  const ByteVector answer = server.seal(kSource, "answer");
  network.datagrams.post({kSsServer.address, 9}, server.client, answer);
  network.datagrams.post({IpAddress(IpAddress::V4{198, 51, 100, 2}), kSsServer.port}, server.client, answer);
  pass(20ms);
  EXPECT_THAT(answers(), IsEmpty());
  server.peer.send(server.client, answer);
  pass(20ms);
  EXPECT_THAT(answers(), SizeIs(1));
}

TEST_F(UdpAssociationServer, IsRefusedWhatItDidNotSeal) {
  start();
  send("hello");
  pass(20ms);
  const ByteVector answer = server.seal(kSource, "answer");
  for (std::size_t i = 0; i < answer.size(); ++i) {
    ByteVector flipped = answer;
    flipped[i] ^= 0x10;
    server.peer.send(server.client, flipped);
    server.peer.send(server.client, ConstBytes(answer).first(i));
  }
  pass(100ms);
  EXPECT_THAT(answers(), IsEmpty());
  EXPECT_EQ(env.counters.packets_refused.read(), 2 * answer.size());
  for (int i = 0; i < 3; ++i) server.peer.send(server.client, answer);
  pass(20ms);
  EXPECT_THAT(answers(), SizeIs(1)) << "and a replay";
  EXPECT_EQ(env.counters.packets_replayed.read(), 2U);
}

TEST_F(UdpAssociationServer, MayBeAwayForAWhile) {
  start();
  network.datagrams.set_path({.from = std::nullopt, .to = kSsServer}, {.refused = sim::kAlways});
  for (int i = 0; i < 3; ++i) {
    send("lost");
    pass(1s);
  }
  network.datagrams.set_path({.from = std::nullopt, .to = kSsServer}, {});
  send("arrives");
  pass(20ms);
  EXPECT_THAT(server.heard, ElementsAre("93.184.216.34:53 arrives"));
}

TEST_F(UdpAssociationServer, IsSentNothingThatThePathDoesNotTake) {
  network.datagrams.set_path({.from = std::nullopt, .to = kSsServer}, {.longest = 1'252});
  start();
  send(std::string(1'252, 'x'));
  send("fits");
  pass(20ms);
  EXPECT_THAT(server.heard, ElementsAre("93.184.216.34:53 fits"));
  EXPECT_EQ(env.counters.packets_too_long.read(), 1U);
  EXPECT_EQ(env.counters.packets_dropped.read(), 1U);
}

/// A server can seal without having heard anything.
class UdpAssociationServerOver2017 : public Associated {
 protected:
  UdpAssociationServerOver2017() : Associated(packet_config("aes-256-gcm")) {}
};

TEST_F(UdpAssociationServerOver2017, FindsNobodyBeforeTheClientHasSent) {
  start();
  // Its two sockets were given a pair of ports.
  const Endpoint association{kLocal, static_cast<std::uint16_t>(bound.port ^ 1U)};
  server.peer.send(association, server.seal(kSource, "early"));
  pass(20ms);
  EXPECT_EQ(env.counters.packets_dropped.read(), 1U);
  EXPECT_EQ(env.counters.packets_refused.read(), 0U);
  send("hello");
  pass(20ms);
  EXPECT_EQ(server.client, association);
  server.answer(kSource, "answer");
  pass(20ms);
  EXPECT_THAT(answers(), ElementsAre("93.184.216.34:53 answer"));
}

}  // namespace
}  // namespace ss::local
