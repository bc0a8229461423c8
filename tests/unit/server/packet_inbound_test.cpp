// What holds for the datagrams of every method, with one key and with users.
#include "packet_inbound.hpp"

#include <random>
#include <set>

#include "packets_served.hpp"

namespace ss::server {
namespace {

using protocol::testing::PairConfig;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PacketInboundRelays : public PacketsServed, public ::testing::WithParamInterface<PairConfig> {
 protected:
  PacketInboundRelays() : PacketsServed(GetParam()) {}
  [[nodiscard]] bool has_sessions() const { return server_credentials.method().is_2022(); }
};

TEST_P(PacketInboundRelays, PassesPayloadOnAndItsAnswersBack) {
  start();
  echo(target);
  std::vector<std::string> sent;
  for (const std::size_t size : {1U, 0U, 64U, 1'200U, 1'472U, 9'000U, 60'000U}) {
    sent.emplace_back(size, static_cast<char>('a' + sent.size()));
    client.send(kEcho, sent.back());
    pass(20ms);
    ASSERT_EQ(target.texts(), sent);
    EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 " + sent.back())) << size;
  }
  const std::set<Endpoint> sources{target.heard[0].from, target.heard.back().from};
  EXPECT_THAT(sources, SizeIs(1));
  EXPECT_EQ(sockets(), 1U);
  EXPECT_EQ(up(), sent.size());
  EXPECT_EQ(down(), sent.size());
  EXPECT_EQ(counts.total, 1U);
  EXPECT_EQ(counts.of_user[config.user], 1U);
  EXPECT_EQ(env.counters.associations.read(), 1U);
}

TEST_P(PacketInboundRelays, PassesABatchOnInOrder) {
  start();
  echo(target);
  std::vector<std::string> sent;
  for (int i = 0; i < 200; ++i) {
    sent.push_back(std::to_string(i));
    client.send(kEcho, sent.back());
  }
  pass(100ms);
  EXPECT_EQ(target.texts(), sent);
  std::vector<std::string> wanted;
  wanted.reserve(sent.size());
  for (const std::string& text : sent) wanted.push_back("93.184.216.34:7 " + text);
  EXPECT_EQ(client.answers(), wanted);
}

TEST_P(PacketInboundRelays, LetsAnybodyAnswerOnceTheClientHasSpoken) {
  start();
  sim::UdpPeer other(network, kElsewhere);
  sim::UdpPeer stranger(network, kStranger);
  client.send(kEcho, "to one");
  client.send(kElsewhere, "to another");
  pass(20ms);
  ASSERT_THAT(target.texts(), ElementsAre("to one"));
  ASSERT_THAT(other.texts(), ElementsAre("to another"));
  EXPECT_EQ(target.heard[0].from, other.heard[0].from) << "one port for all targets";
  stranger.send(target.heard[0].from, "hello");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("198.51.100.8:40000 hello"));
}

TEST_P(PacketInboundRelays, PadsNothingForStrangers) {
  start();
  sim::UdpPeer dns(network, {kStranger.address, 53});
  client.send(kEcho, "ask");
  pass(20ms);
  const Endpoint asker = target.heard.at(0).from;
  for (int i = 0; i < 20; ++i) dns.send(asker, "");
  pass(20ms);
  ASSERT_THAT(client.peer.heard, SizeIs(20));
  const std::size_t overhead = protocol::max_packet_overhead(server_credentials.method(), 0);
  for (const auto& packet : client.peer.heard) EXPECT_LE(packet.bytes.size(), overhead - protocol::kMaxPadding);
}

TEST_P(PacketInboundRelays, ReachesTargetsOfBothFamilies) {
  start();
  sim::UdpPeer target_v6(network, kEchoV6);
  echo(target);
  echo(target_v6);
  client.send(kEchoV6, "six");
  pass(20ms);
  EXPECT_EQ(sockets(), 1U);
  EXPECT_EQ(target_v6.heard.at(0).from.address, kOwnV6);
  client.send(kEcho, "four");
  pass(20ms);
  EXPECT_EQ(sockets(), 2U);
  EXPECT_THAT(client.answers(), ElementsAre("[2606:4700::1111]:7 six", "93.184.216.34:7 four"));
}

TEST_P(PacketInboundRelays, AnswersInTheFormThatTheTargetWasNamedIn) {
  start();
  echo(target);
  client.send(to("::ffff:93.184.216.34"), "mapped");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("[::ffff:93.184.216.34]:7 mapped"));
  EXPECT_EQ(target.heard.at(0).from.address, kListener.address);
  client.send(kEcho, "plain");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 plain"));
  EXPECT_EQ(sockets(), 1U);
}

TEST_P(PacketInboundRelays, AnswersInTheFormOfEachTarget) {
  start();
  sim::UdpPeer other(network, kElsewhere);
  client.send(kEcho, "plain");
  client.send(to("::ffff:8.8.8.8", kElsewhere.port), "mapped");
  client.send(to("::ffff:10.0.0.1"), "denied: it says nothing of the others");
  pass(20ms);
  const Endpoint asker = target.heard.at(0).from;
  target.send(asker, "one");
  pass(20ms);
  other.send(asker, "two");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 one", "[::ffff:8.8.8.8]:9999 two"));
}

TEST_P(PacketInboundRelays, GivesNoMappedFormToAnIpv6Source) {
  start();
  sim::UdpPeer target_v6(network, kEchoV6);
  echo(target);
  client.send(kEchoV6, "open the socket");
  client.send(to("::ffff:93.184.216.34"), "mapped");
  pass(20ms);
  target_v6.send(target_v6.heard.at(0).from, "answer");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("[::ffff:93.184.216.34]:7 mapped", "[2606:4700::1111]:7 answer"));
  client.send(kEchoV6, "does not change the form of the others");
  target.send(target.heard.at(0).from, "again");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("[::ffff:93.184.216.34]:7 again"));
}

TEST_P(PacketInboundRelays, DropsAnAnswerThatDoesNotFitOnceSealed) {
  start();
  client.send(kEcho, "ask");
  pass(20ms);
  const Endpoint asker = target.heard.at(0).from;
  target.send(asker, std::string(65'507, 'x'));
  target.send(asker, "short");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 short"));
  EXPECT_EQ(dropped(), 1U);
  EXPECT_EQ(env.counters.packets_too_long.read(), 1U);
}

TEST_P(PacketInboundRelays, AnswersFromTheAddressThatTheClientReached) {
  const IpAddress second_address(IpAddress::V4{203, 0, 113, 10});
  node.datagrams().add_address(second_address);
  start(1, {IpAddress(), kListener.port});
  echo(target);
  const Endpoint there{second_address, kListener.port};
  client.peer.send(there, client.seal(to(kEcho), "hello"));
  pass(20ms);
  ASSERT_THAT(client.answers(), ElementsAre("93.184.216.34:7 hello"));
  EXPECT_EQ(client.peer.heard[0].from, there);
}

TEST_P(PacketInboundRelays, ForgetsAnIdleClientWithEverything) {
  start();
  client.send(kEcho, "hello");
  pass(20ms);
  const Endpoint asker = target.heard.at(0).from;
  pass(298s);
  EXPECT_EQ(sockets(), 1U);
  target.send(asker, "answers do not keep it: anybody can send them");
  pass(4s);
  EXPECT_EQ(sockets(), 0U);
  EXPECT_EQ(counts.total, 0U);
  EXPECT_EQ(env.counters.associations.read(), 0U);
  EXPECT_THAT(client.answers(), SizeIs(1));
  client.send(kEcho, "again");
  pass(20ms);
  EXPECT_THAT(target.texts(), ElementsAre("hello", "again"));
}

TEST_P(PacketInboundRelays, ForgetsWhoAskedDnsAloneSoonerWhereThereAreNoSessions) {
  start();
  sim::UdpPeer dns(network, {kElsewhere.address, 53});
  client.send(dns.endpoint(), "question");
  pass(16s);
  EXPECT_EQ(sockets(), 1U);
  pass(2s + 100ms);
  EXPECT_EQ(sockets(), has_sessions() ? 1U : 0U);
  client.send(dns.endpoint(), "question");
  client.send(kEcho, "another port");
  pass(200s);
  EXPECT_EQ(sockets(), 1U);
}

TEST_P(PacketInboundRelays, LetsTheOldestGoWhereTheLimitIsMet) {
  limits.total = 2;
  start();
  echo(target);
  PacketClient two = make_client({kClient.address, 2});
  PacketClient three = make_client({kClient.address, 3});
  for (PacketClient* one : {&client, &two, &three}) {
    one->send(kEcho, "hello");
    pass(20ms);
    EXPECT_THAT(one->answers(), SizeIs(1));
  }
  EXPECT_EQ(sockets(), 2U);
  EXPECT_EQ(counts.total, 2U);
  target.send(target.heard[0].from, "too late");
  target.send(target.heard[1].from, "in time");
  pass(20ms);
  EXPECT_THAT(client.answers(), IsEmpty());
  EXPECT_THAT(two.answers(), ElementsAre("93.184.216.34:7 in time"));
  client.send(kEcho, "again");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 again"));
}

TEST_P(PacketInboundRelays, DropsWhatItHasNoSocketFor) {
  start();
  node.datagrams().fails_with = EMFILE;
  client.send(kEcho, "lost");
  pass(20ms);
  EXPECT_EQ(sockets(), 0U);
  EXPECT_EQ(dropped(), 1U);
  node.datagrams().fails_with = 0;
  client.send(kEcho, "passes");
  pass(20ms);
  EXPECT_THAT(target.texts(), ElementsAre("passes"));
}

TEST_P(PacketInboundRelays, OutlivesTargetsThatAreNotThere) {
  start();
  echo(target);
  for (int i = 0; i < 5; ++i) {
    client.send(kElsewhere, "nobody listens");
    client.send(kEcho, std::to_string(i));
    pass(20ms);
    EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 " + std::to_string(i)));
  }
  EXPECT_EQ(sockets(), 1U);
}

TEST_P(PacketInboundRelays, EndsWithNothingLeftWhenItIsStopped) {
  start();
  echo(target);
  PacketClient two = make_client({kClient.address, 2});
  for (int i = 0; i < 20; ++i) {
    client.send(kEcho, "one");
    two.send(kEcho, "two");
    if (i == 10) pass(1ms);
  }
  pass(1ms);
  EXPECT_EQ(sockets(), 2U);
  sessions.stop_all();
  pass(20ms);
  expect_all_gone();
  EXPECT_EQ(network.datagrams.tally.open, 0U);
  const std::size_t heard = target.heard.size();
  client.send(kEcho, "too late");
  pass(20ms);
  EXPECT_EQ(target.heard.size(), heard);
}

INSTANTIATE_TEST_SUITE_P(Methods, PacketInboundRelays, ::testing::ValuesIn(protocol::testing::pair_configs()),
                         [](const auto& each) { return each.param.name; });

/// The methods that authenticate.
class PacketInboundRefuses : public PacketInboundRelays {
 protected:
  static std::vector<PairConfig> configs() {
    std::vector<PairConfig> all = protocol::testing::pair_configs();
    std::erase_if(all, [](const PairConfig& each) {
      return protocol::testing::method(each.method).family == cipher::Family::plain;
    });
    return all;
  }
  /// Nothing has come of what was received.
  void expect_no_trace() {
    EXPECT_EQ(network.datagrams.tally.opened, 1U) << "the listener";
    EXPECT_THAT(target.texts(), IsEmpty());
    EXPECT_THAT(client.answers(), IsEmpty());
    EXPECT_EQ(counts.total, 0U);
    EXPECT_EQ(salts.size(), 0U);
    EXPECT_EQ(node.spawner().live(), 1U);
  }

 public:
  static auto all() { return ::testing::ValuesIn(configs()); }
};

TEST_P(PacketInboundRefuses, DeliversAReplayOnce) {
  start();
  const ByteVector packet = client.seal(to(kEcho), "once");
  for (int i = 0; i < 3; ++i) client.peer.send(kListener, packet);
  pass(20ms);
  for (const Duration later : {1s, 20s, 60s, 200s}) {
    pass(later);
    client.peer.send(kListener, packet);
    network.datagrams.post(kStranger, kListener, packet);
  }
  pass(20ms);
  EXPECT_THAT(target.texts(), ElementsAre("once"));
  EXPECT_EQ(replayed(), 2U + 2 * 4);
  EXPECT_EQ(refused(), replayed());
  EXPECT_EQ(sockets(), 1U) << "a replay from elsewhere opens none";
}

TEST_P(PacketInboundRefuses, SendsNoAnswerToWhoeverReplays) {
  start();
  sim::UdpPeer thief(network, kStranger);
  const ByteVector packet = client.seal(to(kEcho), "mine");
  client.peer.send(kListener, packet);
  pass(20ms);
  thief.send(kListener, packet);
  pass(20ms);
  target.send(target.heard.at(0).from, "answer");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 answer"));
  EXPECT_THAT(thief.heard, IsEmpty());
}

TEST_P(PacketInboundRefuses, LeavesNoTraceOfGarbageOfAnyLength) {
  network.datagrams.sockets.receive_room = std::size_t{16} * 1024 * 1024;
  start();
  std::mt19937 random(1);
  std::size_t sent = 0;
  for (std::size_t size = 0; size <= 65'507; size += size < 1'600 ? 1 : size < 65'000 ? 4'999 : 101) {
    ByteVector garbage(size);
    for (std::uint8_t& byte : garbage) byte = static_cast<std::uint8_t>(random());
    client.peer.send(kListener, garbage);
    ++sent;
    if (sent % 50 == 0) pass(20ms);
  }
  pass(1s);
  EXPECT_EQ(refused(), sent);
  EXPECT_EQ(network.datagrams.tally.posted, sent) << "nothing was answered";
  expect_no_trace();
}

TEST_P(PacketInboundRefuses, LeavesNoTraceOfAPacketThatWasChanged) {
  start();
  const ByteVector packet = client.seal(to(kEcho), "genuine");
  for (std::size_t i = 0; i < packet.size(); ++i) {
    ByteVector flipped = packet;
    flipped[i] ^= static_cast<std::uint8_t>(1U << i % 8);
    client.peer.send(kListener, flipped);
    client.peer.send(kListener, ConstBytes(packet).first(i));
    pass(2ms);
  }
  pass(20ms);
  EXPECT_EQ(refused(), 2 * packet.size());
  expect_no_trace();
  client.peer.send(kListener, packet);
  pass(20ms);
  EXPECT_THAT(target.texts(), ElementsAre("genuine")) << "the packet itself is still fresh";
}

TEST_P(PacketInboundRefuses, LosesNothingWhereAPacketOfALiveClientWasChanged) {
  start();
  echo(target);
  client.send(kEcho, "first");
  pass(20ms);
  sim::UdpPeer thief(network, kStranger);
  const ByteVector packet = client.seal(to(kEcho), "second");
  for (std::size_t i = 0; i < packet.size(); ++i) {
    ByteVector flipped = packet;
    flipped[i] ^= static_cast<std::uint8_t>(1U << i % 8);
    thief.send(kListener, flipped);
    pass(1ms);
  }
  client.peer.send(kListener, packet);
  pass(20ms);
  EXPECT_THAT(target.texts(), ElementsAre("first", "second"));
  EXPECT_THAT(client.answers(), SizeIs(2));
  EXPECT_THAT(thief.heard, IsEmpty());
}

TEST_P(PacketInboundRefuses, DeliversNothingTwiceAndNothingChangedOverABadPath) {
  network.datagrams.set_path({.from = std::nullopt, .to = kListener},
                             {.lost = 100, .doubled = 200, .reordered = 200, .cut = 50, .flipped = 50});
  network.datagrams.set_path({.from = kListener, .to = std::nullopt},
                             {.lost = 100, .doubled = 200, .reordered = 200, .cut = 50, .flipped = 50});
  start();
  echo(target);
  constexpr std::size_t kSent = 400;
  for (std::size_t i = 0; i < kSent; ++i) {
    client.send(kEcho, "number " + std::to_string(i));
    pass(1ms);
  }
  pass(100ms);
  const std::vector<std::string> texts = target.texts();
  const std::set<std::string> different(texts.begin(), texts.end());
  EXPECT_EQ(different.size(), texts.size()) << "twice";
  for (const std::string& text : texts) {
    const bool known = text.starts_with("number ") && std::stoul(text.substr(7)) < kSent;
    EXPECT_TRUE(known) << text;
  }
  EXPECT_GT(texts.size(), kSent * 3 / 4);
  EXPECT_GT(replayed(), 20U);
  EXPECT_GT(refused(), replayed() + 20U) << "some were cut and some flipped";
  std::size_t answered = 0;
  for (const std::string& answer : client.answers()) {
    if (answer.starts_with("93.184.216.34:7 number ")) ++answered;
  }
  EXPECT_GT(answered, kSent / 2);
}

INSTANTIATE_TEST_SUITE_P(Methods, PacketInboundRefuses, PacketInboundRefuses::all(),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace ss::server
