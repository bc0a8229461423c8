// Which targets the datagrams of a client reach: policy and names.
#include "packets_served.hpp"

namespace ss::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PacketTarget : public PacketsServed {
 protected:
  PacketTarget() { network.names["echo.test"] = {kEcho.address}; }
  void allow_rule(std::string_view text) { allow.push_back(*TargetRule::parse(text)); }
  void deny_rule(std::string_view text) { deny.push_back(*TargetRule::parse(text)); }
  [[nodiscard]] std::uint64_t denied() const { return env.counters.denied.read(); }
};

using PacketTargetPolicy = PacketTarget;
using PacketTargetName = PacketTarget;

TEST_F(PacketTargetPolicy, RefusesWhatIsNotPublicWithoutASocket) {
  deny_rule("93.184.216.34");
  start();
  const std::vector<const char*> hosts{"127.0.0.1",   "10.0.0.1",         "169.254.169.254",
                                       "0.0.0.0",     "224.0.0.1",        "255.255.255.255",
                                       "::1",         "fe80::1",          "fd00::1",
                                       "ff02::1",     "::ffff:127.0.0.1", "::ffff:10.0.0.1",
                                       "203.0.113.9", "93.184.216.34",    "::ffff:93.184.216.34"};
  std::vector<std::unique_ptr<sim::UdpPeer>> there;
  for (const char* host : hosts) client.send(to(host, 4'242), "in");
  pass(50ms);
  EXPECT_EQ(denied(), hosts.size());
  EXPECT_EQ(sockets(), 0U);
  EXPECT_EQ(network.datagrams.tally.posted, hosts.size()) << "what the client sent";
  client.send(kElsewhere, "out");
  pass(50ms);
  EXPECT_EQ(sockets(), 1U) << "the association lives on";
}

TEST_F(PacketTargetPolicy, OpensWhatIsAllowed) {
  allow_rule("10.0.0.1");
  const Endpoint inside{IpAddress(IpAddress::V4{10, 0, 0, 1}), 53};
  sim::UdpPeer dns(network, inside);
  echo(dns);
  start();
  client.send(inside, "in");
  client.send(to("10.0.0.2", 53), "not there");
  pass(50ms);
  EXPECT_THAT(client.answers(), ElementsAre("10.0.0.1:53 in"));
  EXPECT_EQ(denied(), 1U);
}

TEST_F(PacketTargetPolicy, JudgesEveryAddressOfAName) {
  network.names["mixed.test"] = {IpAddress(IpAddress::V4{10, 0, 0, 1}), *IpAddress::parse("::1"), kEcho.address};
  network.names["inside.test"] = {IpAddress(IpAddress::V4{10, 0, 0, 1}), *IpAddress::parse("::ffff:10.0.0.1")};
  start();
  client.send(to("mixed.test"), "allowed");
  pass(100ms);
  EXPECT_THAT(target.texts(), ElementsAre("allowed"));
  const std::uint64_t before = denied();
  client.send(to("inside.test"), "denied");
  pass(100ms);
  EXPECT_GT(denied(), before);
  EXPECT_EQ(up(), 1U);
}

TEST_F(PacketTargetPolicy, RefusesANameThatIsDenied) {
  deny_rule("*.echo.test");
  network.names["www.echo.test"] = {kEcho.address};
  start();
  client.send(to("www.echo.test"), "denied");
  pass(100ms);
  EXPECT_EQ(denied(), 1U);
  EXPECT_EQ(sockets(), 0U);
  client.send(to("echo.test"), "allowed");
  client.send(to("www.echo.test"), "denied still");
  pass(100ms);
  EXPECT_THAT(target.texts(), ElementsAre("allowed"));
}

TEST_F(PacketTargetPolicy, OpensPrivateAddressesToANameThatIsAllowed) {
  allow_rule("inside.test");
  const Endpoint inside{IpAddress(IpAddress::V4{10, 0, 0, 1}), 7};
  network.names["inside.test"] = {inside.address};
  sim::UdpPeer peer(network, inside);
  echo(peer);
  start();
  client.send(to("inside.test"), "in");
  pass(100ms);
  EXPECT_THAT(client.answers(), ElementsAre("10.0.0.1:7 in"));
  client.send(inside, "not by its address");
  pass(100ms);
  EXPECT_THAT(peer.texts(), SizeIs(1));
}

TEST_F(PacketTargetName, IsLookedUpAndAnswersBearTheAddress) {
  start();
  echo(target);
  client.send(to("echo.test"), "hello");
  pass(100ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 hello"));
  EXPECT_EQ(up(), 1U);
  EXPECT_EQ(env.held_total.read(), 0U);
}

TEST_F(PacketTargetName, IsKeptForFiveSeconds) {
  start();
  sim::UdpPeer moved(network, {kElsewhere.address, kEcho.port});
  client.send(to("echo.test"), "0 s");
  pass(100ms);
  network.names["echo.test"] = {kElsewhere.address};
  pass(4s);
  client.send(to("echo.test"), "4 s");
  pass(1ms);
  EXPECT_EQ(env.held_total.read(), 0U) << "goes at once";
  pass(1s);
  client.send(to("echo.test"), "5 s");
  pass(100ms);
  EXPECT_THAT(target.texts(), ElementsAre("0 s", "4 s"));
  EXPECT_THAT(moved.texts(), ElementsAre("5 s"));
}

TEST_F(PacketTargetName, IsKeptForThatNameAlone) {
  network.names["other.test"] = {kElsewhere.address};
  sim::UdpPeer other(network, kElsewhere);
  start();
  for (int i = 0; i < 3; ++i) {
    client.send(to("echo.test"), "one");
    pass(100ms);
    client.send(to("other.test", kElsewhere.port), "other");
    pass(100ms);
  }
  EXPECT_THAT(target.texts(), ElementsAre("one", "one", "one"));
  EXPECT_THAT(other.texts(), ElementsAre("other", "other", "other"));
}

TEST_F(PacketTargetName, TakesThePortOfEachDatagram) {
  sim::UdpPeer port_9(network, {kEcho.address, 9});
  start();
  client.send(to("echo.test", 7), "seven");
  pass(100ms);
  client.send(to("echo.test", 9), "nine");
  pass(100ms);
  EXPECT_THAT(target.texts(), ElementsAre("seven"));
  EXPECT_THAT(port_9.texts(), ElementsAre("nine"));
}

TEST_F(PacketTargetName, GoesToIpv4FirstUnlessToldOtherwise) {
  network.names["both.test"] = {kEcho.address, kEchoV6.address};
  sim::UdpPeer target_v6(network, kEchoV6);
  start();
  client.send(to("both.test"), "hello");
  pass(200ms);
  EXPECT_THAT(target.texts(), ElementsAre("hello"));
  EXPECT_THAT(target_v6.texts(), IsEmpty());
}

TEST_F(PacketTargetName, GoesToIpv6FirstWhereThatIsAskedFor) {
  ipv6_first = true;
  network.names["both.test"] = {kEcho.address, kEchoV6.address};
  sim::UdpPeer target_v6(network, kEchoV6);
  start();
  client.send(to("both.test"), "hello");
  pass(200ms);
  EXPECT_THAT(target_v6.texts(), ElementsAre("hello"));
  EXPECT_THAT(target.texts(), IsEmpty());
}

TEST_F(PacketTargetName, ThatIsNotThereLosesItsOwnDatagramAlone) {
  start();
  echo(target);
  client.send(kEcho, "before");
  client.send(to("nowhere.test"), "lost");
  client.send(kEcho, "behind");
  client.send(to("echo.test"), "by name");
  pass(200ms);
  EXPECT_THAT(target.texts(), ElementsAre("before", "behind", "by name"));
  EXPECT_THAT(client.answers(), SizeIs(3));
  EXPECT_EQ(dropped(), 1U);
}

TEST_F(PacketTargetName, MayHoldSixteenDatagramsOfAnAssociationUp) {
  start();
  PacketClient other = make_client({kClient.address, 2});
  network.datagrams.everywhere.latency = 10ms;
  other.send(to("echo.test"), "other");
  for (int i = 0; i < 20; ++i) {
    const std::string name = "name" + std::to_string(i) + ".test";
    network.names[name] = {kEcho.address};
    client.send(to(name), std::to_string(i));
    network.datagrams.everywhere.latency = 0ms;  // in order, so all come at once
  }
  pass(200ms);
  EXPECT_THAT(target.texts(), SizeIs(16 + 1)) << "the other client has a bound of its own";
  EXPECT_EQ(dropped(), 4U);
  client.send(to("name19.test"), "later");
  pass(200ms);
  EXPECT_EQ(target.texts().back(), "later");
}

TEST_F(PacketTargetName, DropsWhatThePathDoesNotTake) {
  network.datagrams.set_path({.from = std::nullopt, .to = kEcho}, {.longest = 1'252});
  start();
  client.send(to("echo.test"), std::string(1'253, 'x'));
  pass(100ms);
  EXPECT_THAT(target.texts(), IsEmpty());
  EXPECT_EQ(dropped(), 1U);
  EXPECT_EQ(env.counters.packets_too_long.read(), 1U);
  client.send(to("echo.test"), std::string(1'253, 'y'));
  client.send(to("echo.test"), "fits");
  pass(100ms);
  EXPECT_THAT(target.texts(), ElementsAre("fits"));
  EXPECT_EQ(dropped(), 2U);
  EXPECT_EQ(env.counters.packets_too_long.read(), 2U);
}

TEST_F(PacketTargetName, IsAnsweredInItsOwnFormAfterAMappedAddress) {
  start();
  echo(target);
  client.send(to("echo.test"), "name");
  pass(100ms);
  client.send(to("::ffff:93.184.216.34"), "mapped");
  pass(100ms);
  client.send(to("echo.test"), "name again");
  pass(100ms);
  EXPECT_THAT(client.answers(),
              ElementsAre("93.184.216.34:7 name", "[::ffff:93.184.216.34]:7 mapped", "93.184.216.34:7 name again"));
}

TEST_F(PacketTargetName, LeavesNothingWhereTheServiceStopsMeanwhile) {
  start();
  for (int i = 0; i < 10; ++i) client.send(to("echo.test"), "pending");
  while (env.held_total.read() == 0) pass(50us);
  sessions.stop_all();
  pass(100ms);
  expect_all_gone();
  EXPECT_EQ(network.datagrams.tally.open, 0U);
}

TEST_F(PacketTargetName, OpensNoSocketForAnAssociationThatWentMeanwhile) {
  limits.total = 1;
  start();
  PacketClient other = make_client({kClient.address, 2});
  client.send(to("echo.test"), "pending");
  while (env.held_total.read() == 0) pass(50us);
  other.send(to("nowhere.test"), "next");
  pass(500ms);
  EXPECT_EQ(counts.total, 1U);
  EXPECT_LE(sockets(), 1U);
  EXPECT_EQ(env.held_total.read(), 0U);
}

}  // namespace
}  // namespace ss::server
