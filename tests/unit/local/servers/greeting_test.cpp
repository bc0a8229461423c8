#include "servers/greeting.hpp"

#include <array>
#include <cerrno>

#include "ss/protocol/pair/frame.hpp"
#include "ss/protocol/pair/operation.hpp"
#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
namespace pair = protocol::pair;
using relay::test::Fixture;
using relay::test::Peer;

Endpoint at(std::uint8_t number) {
  return {IpAddress(IpAddress::V4{198, 51, 100, number}), 8388};
}

/// Three servers, called 0, 1 and 2, of which nothing is known. Nobody listens before a test says so.
class Greeting : public Fixture {
 protected:
  Greeting() {
    for (const SessionRules& each : rules) worker.lanes.push_back({each, packet_keys});
  }
  void TearDown() override {
    Fixture::TearDown();
    expect_no_session();
  }

  void greet_zero() { node.spawner().spawn(greet(env, rules[0])); }
  net::Task<> run_search() {
    relay::LiveSession session(env.sessions);
    session.admitted();
    asker = &session;
    co_await find_ours(env, session, worker);
    asker = nullptr;
    took = now() - begun;
  }
  void search() {
    begun = now();
    node.spawner().spawn(run_search());
  }
  /// Answers HELLO as ours does.
  void answer_as_ours(Peer& peer) {
    protocol::ServerHandshake handshake(server_credentials, keys);
    const protocol::Parsed<protocol::Request> taken =
        handshake.feed(peer.hear(), env.clock.unix_now(), world.now(), salts);
    ASSERT_TRUE(taken.ready());
    EXPECT_EQ(taken.value().target, pair::target_of(pair::Operation::hello));
    ByteVector frame(pair::kMaxFrame);
    frame.resize(pair::put_frame({protocol::socks5::Reply::succeeded, false, Endpoint{}}, world, frame));
    protocol::Encoder encoder = handshake.take_encoder(world, world.now(), salts, true);
    peer.say(*protocol::testing::seal_all(encoder, frame, 0x3FFF, 65'536, env.clock.unix_now()));
    pass(20ms);
  }
  [[nodiscard]] Kind kind(std::size_t server) const { return servers.at(server).kind(); }

  protocol::testing::PairConfig config = protocol::testing::pair_configs().front();
  std::array<Server, 3> servers{Server{"zero", {at(0).address, 8388}, protocol::testing::client_credentials(config)},
                                Server{"one", {at(1).address, 8388}, protocol::testing::client_credentials(config)},
                                Server{"two", {at(2).address, 8388}, protocol::testing::client_credentials(config)}};
  std::array<SessionRules, 3> rules{SessionRules{servers[0], {}, false, {}, {}, {}},
                                    SessionRules{servers[1], {}, false, {}, {}, {}},
                                    SessionRules{servers[2], {}, false, {}, {}, {}}};
  protocol::ServerCredentials server_credentials = protocol::testing::server_credentials(config);
  cipher::KeyCache keys{8};
  protocol::testing::SaltsSeen salts;
  protocol::ClientPacketKeys packet_keys{servers[0].credentials(), keys, env.entropy, salts};
  NegotiationRules negotiation;
  LocalWorker worker{negotiation, {}};
  relay::LiveSession* asker = nullptr;
  Duration begun{};
  Duration took{-1};
};

TEST_F(Greeting, LearnsThatAServerIsOursFromItsAnswer) {
  const auto server = listener(at(0));
  greet_zero();
  pass(50ms);
  answer_as_ours(*server);
  EXPECT_EQ(kind(0), Kind::ours);
}

TEST_F(Greeting, DoesNotTakeTheWordOfAServerThatBrokeItsPromiseJustNow) {
  const auto server = listener(at(0));
  servers[0].forget(env.clock.since_boot());
  greet_zero();
  pass(50ms);
  answer_as_ours(*server);
  EXPECT_EQ(kind(0), Kind::unknown);
}

TEST_F(Greeting, TakesAServerThatSaysNothingForAStockOne) {
  const auto server = listener(at(0));
  greet_zero();
  pass(kGreetingTime + 100ms);
  EXPECT_EQ(kind(0), Kind::foreign);
}

TEST_F(Greeting, LeavesWhatAnAnswerToAClientHasShownMeanwhile) {
  const auto server = listener(at(0));
  greet_zero();
  pass(50ms);
  servers[0].learn(Kind::ours, env.clock.since_boot());
  server->finish();
  pass(50ms);
  EXPECT_EQ(kind(0), Kind::ours);
}

TEST_F(Greeting, SearchesUntilOneIsOurs) {
  dialer.fails[at(0)] = ECONNREFUSED;
  const auto one = listener(at(1));
  search();
  pass(50ms);
  answer_as_ours(*one);
  EXPECT_EQ(dialer.begun, (std::vector<Endpoint>{at(0), at(1)}));
  EXPECT_EQ(kind(0), Kind::unknown) << "nothing was heard of it";
  EXPECT_EQ(kind(1), Kind::ours);
  EXPECT_EQ(kind(2), Kind::unknown);
  EXPECT_GE(took, 0s) << "over";
}

TEST_F(Greeting, AsksNobodyWhereOneIsKnownToBeOurs) {
  servers[2].set_kind(Kind::ours);
  search();
  pass(50ms);
  EXPECT_TRUE(dialer.begun.empty());
  EXPECT_GE(took, 0s);
}

TEST_F(Greeting, AsksNeitherAServerWithoutStreamsNorOneWithoutTheExtensionNorAStockOne) {
  rules[0].carries_tcp = false;
  rules[1].extension = false;
  servers[2].set_kind(Kind::foreign);
  search();
  pass(50ms);
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_F(Greeting, AsksNoOtherOnceTheClientHasWaitedForFiveSeconds) {
  dialer.silent = at(0);
  const auto one = listener(at(1));
  search();
  pass(30s);
  EXPECT_EQ(dialer.begun, (std::vector<Endpoint>{at(0)}));
  EXPECT_LE(took, kSearchTime + 50ms);
}

TEST_F(Greeting, SearchesForFiveSecondsWhereSilentServersAreConnectedLate) {
  network.connect_takes[at(0)] = 3s;
  const auto zero = listener(at(0));
  const auto one = listener(at(1));
  search();
  pass(30s);
  EXPECT_EQ(dialer.begun, (std::vector<Endpoint>{at(0)}));
  EXPECT_EQ(kind(0), Kind::foreign);
  EXPECT_LE(took, kSearchTime + 50ms);
}

TEST_F(Greeting, EndsTheSearchWithItsClient) {
  const auto zero = listener(at(0));
  search();
  pass(50ms);
  asker->stop();
  zero->finish();
  pass(50ms);
  EXPECT_EQ(dialer.begun, (std::vector<Endpoint>{at(0)}));
  EXPECT_GE(took, 0s);
}

}  // namespace
}  // namespace ss::local
