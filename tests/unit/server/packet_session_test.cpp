// Sessions of 2022 methods: clients that roam, between networks and between workers, and the users of one server.
#include <set>

#include "packets_served.hpp"

namespace ss::server {
namespace {

using protocol::testing::PairConfig;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// As kClient, heard by the other worker.
const Endpoint kRoamed{kClient.address, 40'001};

const std::vector<PairConfig>& session_configs() {
  static const std::vector<PairConfig> all = [] {
    std::vector<PairConfig> configs = protocol::testing::pair_configs();
    std::erase_if(configs, [](const PairConfig& each) { return !protocol::testing::method(each.method).is_2022(); });
    return configs;
  }();
  return all;
}

class PacketSession : public PacketsServed, public ::testing::WithParamInterface<PairConfig> {
 protected:
  PacketSession() : PacketsServed(GetParam()) {}

  void SetUp() override { ASSERT_NE(sim::DatagramNet::spread(kClient, 2), sim::DatagramNet::spread(kRoamed, 2)); }
};

TEST_P(PacketSession, FollowsAFreshPacketToAnotherAddress) {
  start();
  client.send(kEcho, "here");
  pass(20ms);
  const Endpoint asker = target.heard.at(0).from;
  client.peer.roam(kStranger);
  target.send(asker, "lost");
  pass(20ms);
  EXPECT_THAT(client.answers(), IsEmpty()) << "only a packet of the client says where it is";
  client.send(kEcho, "there");
  pass(20ms);
  EXPECT_EQ(target.heard.at(1).from, asker) << "targets see no difference";
  target.send(asker, "answer");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 answer"));
  EXPECT_EQ(counts.total, 1U);
  EXPECT_EQ(sockets(), 1U);
}

TEST_P(PacketSession, StaysWhereItIsWhenAReplayComesFromElsewhere) {
  start(2);
  sim::UdpPeer thief(network, kRoamed);
  sim::UdpPeer other_thief(network, kStranger);
  const ByteVector packet = client.seal(to(kEcho), "mine");
  client.peer.send(kListener, packet);
  pass(20ms);
  thief.send(kListener, packet);
  other_thief.send(kListener, packet);
  pass(20ms);
  target.send(target.heard.at(0).from, "answer");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 answer"));
  EXPECT_THAT(thief.heard, IsEmpty());
  EXPECT_THAT(other_thief.heard, IsEmpty());
  EXPECT_THAT(target.texts(), SizeIs(1));
  EXPECT_EQ(replayed(), 2U);
}

TEST_P(PacketSession, IsNotMovedByAPacketThatWasHeldBack) {
  start(2);
  echo(target);
  const ByteVector held_back = client.seal(to(kEcho), "held back");
  client.send(kEcho, "newer");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 newer"));
  sim::UdpPeer thief(network, kRoamed);
  thief.send(kListener, held_back);
  pass(20ms);
  EXPECT_THAT(target.texts(), ElementsAre("newer", "held back")) << "it is served,";
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 held back")) << "and answered where the client is";
  EXPECT_THAT(thief.heard, IsEmpty());
}

TEST_P(PacketSession, GoesOnWithoutLossOnAnotherWorker) {
  start(2);
  echo(target);
  std::vector<std::string> sent;
  for (int i = 0; i < 40; ++i) {
    if (i % 10 == 5) {
      pass(20ms);
      client.peer.roam(client.peer.endpoint() == kClient ? kRoamed : kClient);
    }
    sent.push_back(std::to_string(i));
    client.send(kEcho, sent.back());
    pass(20ms);
  }
  EXPECT_EQ(target.texts(), sent);
  EXPECT_THAT(client.answers(), SizeIs(40));
  EXPECT_EQ(sockets(), 1U);
  EXPECT_EQ(counts.total, 1U);
  EXPECT_EQ(refused(), 0U);
  EXPECT_EQ(dropped(), 0U);
}

TEST_P(PacketSession, IsOneWhereItsFirstPacketsComeToBothWorkers) {
  start(2);
  std::set<std::string> sent;
  for (int i = 0; i < 20; ++i) {
    const std::string text = std::to_string(i);
    sent.insert(text);
    network.datagrams.post(i % 2 == 0 ? kClient : kRoamed, kListener, client.seal(to(kEcho), bytes_of(text)));
  }
  pass(50ms);
  const std::vector<std::string> texts = target.texts();
  EXPECT_EQ(texts.size(), sent.size());
  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()), sent);
  EXPECT_EQ(sockets(), 1U);
  EXPECT_EQ(counts.total, 1U);
}

TEST_P(PacketSession, DeliversReplaysThatRaceOverBothWorkersOnce) {
  start(2);
  for (int i = 0; i < 50; ++i) {
    const ByteVector packet = client.seal(to(kEcho), bytes_of(std::to_string(i)));
    for (int copy = 0; copy < 3; ++copy) {
      network.datagrams.post(kClient, kListener, packet);
      network.datagrams.post(kRoamed, kListener, packet);
    }
    if (i % 7 == 0) pass(1ms);
  }
  pass(50ms);
  const std::vector<std::string> texts = target.texts();
  EXPECT_EQ(texts.size(), 50U);
  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), 50U);
  EXPECT_EQ(replayed(), 50U * 5);
}

TEST_P(PacketSession, PassesNamesOnFromTheOtherWorker) {
  network.names["echo.test"] = {kEcho.address};
  start(2);
  client.send(kEcho, "here");
  pass(20ms);
  client.peer.roam(kRoamed);
  client.send(to("echo.test"), "there");
  pass(100ms);
  EXPECT_THAT(target.texts(), ElementsAre("here", "there"));
}

TEST_P(PacketSession, MayLiveOnAnotherWorkerOnceItHasEnded) {
  start(2);
  client.send(kEcho, "one");
  pass(302s);
  EXPECT_EQ(counts.total, 0U);
  client.peer.roam(kRoamed);
  client.send(kEcho, "two");
  pass(20ms);
  EXPECT_THAT(target.texts(), ElementsAre("one", "two"));
  EXPECT_EQ(counts.total, 1U);
}

TEST_P(PacketSession, KeepsItsWindowWhereAnotherOneTookItsPlace) {
  limits.total = 1;
  start();
  echo(target);
  const ByteVector packet = client.seal(to(kEcho), "before");
  client.peer.send(kListener, packet);
  pass(20ms);
  PacketClient other = make_client(kStranger);
  other.send(kEcho, "other");
  pass(20ms);
  EXPECT_EQ(sockets(), 1U);
  client.peer.send(kListener, packet);
  pass(20ms);
  EXPECT_THAT(target.texts(), ElementsAre("before", "other"));
  EXPECT_EQ(replayed(), 1U);
  EXPECT_EQ(counts.total, 1U) << "a replay wakes nobody";
  pass(30s);
  client.send(kEcho, "lost, for both are as many as may sleep");
  pass(34s);
  client.send(kEcho, "fresh");
  pass(20ms);
  EXPECT_EQ(target.texts().back(), "fresh");
  EXPECT_EQ(client.answers().back(), "93.184.216.34:7 fresh");
}

TEST_P(PacketSession, WakesUpWithAFreshPacket) {
  limits.total = 2;
  start();
  echo(target);
  PacketClient two = make_client({kStranger.address, 2});
  PacketClient three = make_client({kStranger.address, 3});
  const ByteVector packet = client.seal(to(kEcho), "one");
  client.peer.send(kListener, packet);
  pass(20ms);
  for (PacketClient* each : {&two, &three}) {
    each->send(kEcho, "hello");
    pass(20ms);
  }
  EXPECT_EQ(sockets(), 2U);
  client.send(kEcho, "fresh");
  pass(20ms);
  EXPECT_THAT(client.answers(), ElementsAre("93.184.216.34:7 one", "93.184.216.34:7 fresh"));
  client.peer.send(kListener, packet);
  pass(20ms);
  EXPECT_EQ(replayed(), 1U);
  EXPECT_EQ(counts.total, 2U);
  EXPECT_EQ(sockets(), 2U);
}

TEST_P(PacketSession, RefusesAPacketThatIsTooOldOrTooNew) {
  start();
  const ByteVector packet = client.seal(to(kEcho), "old");
  pass(31s);
  client.peer.send(kListener, packet);
  pass(20ms);
  EXPECT_EQ(refused(), 1U);
  EXPECT_EQ(counts.total, 0U);
  EXPECT_EQ(network.datagrams.tally.opened, 1U);
}

TEST_P(PacketSession, EndsOnBothWorkersWhenTheyStop) {
  start(2);
  client.send(kEcho, "here");
  pass(20ms);
  client.peer.roam(kRoamed);
  for (int i = 0; i < 20; ++i) client.send(kEcho, "under way");
  pass(500us);
  sessions.stop_all();
  second->env().sessions.stop_all();
  pass(50ms);
  expect_all_gone();
  EXPECT_EQ(network.datagrams.tally.open, 0U);
}

INSTANTIATE_TEST_SUITE_P(Methods, PacketSession, ::testing::ValuesIn(session_configs()),
                         [](const auto& each) { return each.param.name; });

/// Users with 2022 methods name themselves in a header.
class PacketUsers : public PacketsServed {
 protected:
  explicit PacketUsers(const std::string& method = "2022-blake3-aes-128-gcm")
      : PacketsServed(config_for(method, true)), other_config(config) {
    const bool named = server_credentials.method().is_2022();
    other_config.user = 2;
    other_config.client = named ? config.server + ":" + config.users[2] : config.users[2];
  }
  PairConfig other_config;
};

TEST_F(PacketUsers, AreToldApartByWhoTheyAre) {
  start(2);
  echo(target);
  protocol::testing::ScriptedEntropy same[2];
  PacketClient one(network, keys, same[0], config, {kStranger.address, 1});
  PacketClient two(network, keys, same[1], other_config, {kStranger.address, 2});
  ASSERT_EQ(one.session_id(), two.session_id());
  one.send(kEcho, "one");
  two.send(kEcho, "two");
  pass(20ms);
  EXPECT_THAT(one.answers(), ElementsAre("93.184.216.34:7 one"));
  EXPECT_THAT(two.answers(), ElementsAre("93.184.216.34:7 two"));
  EXPECT_NE(target.heard.at(0).from, target.heard.at(1).from);
  EXPECT_EQ(counts.of_user[1], 1U);
  EXPECT_EQ(counts.of_user[2], 1U);
  EXPECT_EQ(counts.total, 2U);
}

TEST_F(PacketUsers, HaveALimitOfTheirOwn) {
  limits.of_user = 1;
  start();
  PacketClient second_of_one = make_client({kStranger.address, 1});
  PacketClient other(network, keys, world, other_config, {kStranger.address, 2});
  for (PacketClient* each : {&client, &other, &second_of_one}) {
    each->send(kEcho, "hello");
    pass(20ms);
  }
  EXPECT_EQ(counts.of_user[1], 1U);
  EXPECT_EQ(counts.of_user[2], 1U);
  target.send(target.heard.at(1).from, "the other one is there still");
  pass(20ms);
  EXPECT_THAT(other.answers(), SizeIs(1));
}

TEST_F(PacketUsers, AreRefusedWhereNobodyKnowsThem) {
  start();
  PairConfig unknown = config;
  unknown.client = config.server + ":" + cipher::base64(protocol::testing::pattern(16, 99));
  PacketClient stranger(network, keys, world, unknown, kStranger);
  stranger.send(kEcho, "hello");
  pass(20ms);
  EXPECT_EQ(refused(), 1U);
  EXPECT_EQ(network.datagrams.tally.opened, 1U);
}

/// With SIP004 their keys tell, and their addresses which association it is.
class PacketUsersOver2017 : public PacketUsers {
 protected:
  PacketUsersOver2017() : PacketUsers("aes-256-gcm") {}
};

TEST_F(PacketUsersOver2017, AreFoundByTheirKeys) {
  start();
  echo(target);
  PacketClient other(network, keys, world, other_config, kStranger);
  for (int i = 0; i < 3; ++i) {
    client.send(kEcho, "one");
    other.send(kEcho, "two");
    pass(20ms);
  }
  EXPECT_THAT(client.answers(), SizeIs(3));
  EXPECT_THAT(other.answers(), SizeIs(3));
  EXPECT_EQ(counts.of_user[1], 1U);
  EXPECT_EQ(counts.of_user[2], 1U);
}

TEST_F(PacketUsersOver2017, DoNotInheritAnAssociation) {
  start();
  client.send(kEcho, "one");
  pass(20ms);
  const Endpoint before = target.heard.at(0).from;
  client.peer.roam({kStranger.address, 1});
  PacketClient other(network, keys, world, other_config, kClient);
  other.send(kEcho, "two");
  pass(20ms);
  EXPECT_NE(target.heard.at(1).from, before);
  EXPECT_EQ(counts.of_user[1], 0U);
  EXPECT_EQ(counts.of_user[2], 1U);
  target.send(before, "for the one before");
  target.send(target.heard.at(1).from, "for this one");
  pass(20ms);
  EXPECT_THAT(other.answers(), ElementsAre("93.184.216.34:7 for this one"));
  EXPECT_EQ(sockets(), 1U);
}

}  // namespace
}  // namespace ss::server
