#include "local_session.hpp"

#include <cerrno>

#include "local_worker.hpp"
#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using protocol::testing::joined;
using relay::test::counting;
using relay::test::Deed;
using relay::test::Fixture;
using relay::test::kLate;
using relay::test::Peer;

ByteVector hex(const std::string& text) {
  return protocol::testing::of_hex(text);
}

const Endpoint kServer{IpAddress(IpAddress::V4{198, 51, 100, 1}), 8388};
const ByteVector kHello =
    hex("0501000501000309"
        "6e616d652e74657374"
        "01bb");  // CONNECT name.test:443
const ByteVector kTold = hex("0500");

ByteVector error_reply(std::uint8_t reply) {
  return {5, 0, 5, reply, 0, 1, 0, 0, 0, 0, 0, 0};
}

protocol::testing::PairConfig config_for(const std::string& method) {
  for (const protocol::testing::PairConfig& config : protocol::testing::pair_configs()) {
    if (config.method == method && config.users.empty()) return config;
  }
  return {};
}

class LocalSession : public Fixture {
 protected:
  explicit LocalSession(const std::string& method = "2022-blake3-aes-256-gcm") : config(config_for(method)) {}

  void start(const TargetAddress& to = {kServer.address, kServer.port}) {
    known.emplace("server", to, protocol::testing::client_credentials(config));
    rules.emplace(SessionRules{*known, {}, false, 10s, 20ms, {}});
    node.spawner().spawn(
        serve(env, worker.emplace(LocalWorker{negotiation, {{*rules, packet_keys}}}), client.take_near()));
  }
  void TearDown() override {
    client.go();
    server.reset();
    pass(1s);
    Fixture::TearDown();
    expect_no_session();
    EXPECT_EQ(network.alive, 0U);
  }
  /// What the first flight says, as ss-server opens it.
  void expect_request(const ByteVector& payload) {
    flight = server->hear();
    const protocol::Parsed<protocol::Request> request =
        handshake.feed(flight, env.clock.unix_now(), world.now(), salts);
    ASSERT_TRUE(request.ready());
    EXPECT_EQ(request.value().target.to_string(), "name.test:443");
    EXPECT_EQ(ByteVector(request.value().payload.begin(), request.value().payload.end()), payload);
  }
  [[nodiscard]] std::size_t writes() const { return server->near().count(Deed::Kind::write); }
  [[nodiscard]] std::optional<Duration> flight_at() const { return server->near().first(Deed::Kind::write); }

  protocol::testing::PairConfig config;
  protocol::ClientCredentials credentials = protocol::testing::client_credentials(config);
  protocol::ServerCredentials server_credentials = protocol::testing::server_credentials(config);
  protocol::testing::SaltsSeen salts;
  cipher::KeyCache keys{8};
  protocol::testing::SaltsSeen packet_salts;
  protocol::ClientPacketKeys packet_keys{credentials, keys, env.entropy, packet_salts};
  protocol::ServerHandshake handshake{server_credentials, keys};
  Peer client{network};
  std::unique_ptr<Peer> server;
  std::optional<Server> known;
  NegotiationRules negotiation;
  std::optional<SessionRules> rules;
  std::optional<LocalWorker> worker;
  ByteVector flight;
};

TEST_F(LocalSession, SaysWhyTheServerCannotBeReachedAndEndsWithFin) {
  const std::pair<int, std::uint8_t> wanted[] = {
      {ECONNREFUSED, 5}, {ENETUNREACH, 3}, {EHOSTUNREACH, 4}, {ETIMEDOUT, 4}, {EMFILE, 1}};
  for (const auto& [error, reply] : wanted) {
    client = Peer(network);
    dialer.fails[kServer] = error;
    start();
    client.say(joined(kHello, counting(100)));
    pass(100ms);
    EXPECT_EQ(client.hear(), error_reply(reply));
    EXPECT_TRUE(client.heard_end());
    EXPECT_EQ(sessions.size(), 1U) << "drained until the client has gone";
    client.finish();
    pass(kLate);
    EXPECT_EQ(sessions.size(), 0U);
  }
  EXPECT_EQ(env.counters.dial_failures.read(), 5U);
}

TEST_F(LocalSession, DrainsARefusedClientForTenSecondsAtMost) {
  start();  // nothing listens there
  client.say(kHello);
  pass(9s);
  EXPECT_EQ(client.hear(), error_reply(5));
  client.say(counting(1'000));
  EXPECT_EQ(sessions.size(), 1U);
  pass(2s);
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_FALSE(client.heard_reset());
}

TEST_F(LocalSession, AnswersHostUnreachableWhereNobodyAnswersInTime) {
  dialer.silent = kServer;
  start();
  client.say(kHello);
  pass(9s + 900ms);
  EXPECT_EQ(client.hear(), kTold);
  pass(200ms);
  EXPECT_EQ(client.hear(), error_reply(4));
}

TEST_F(LocalSession, AnswersHostUnreachableForANameThatIsNotThere) {
  start(*TargetAddress::make("nowhere.test", 8388));
  client.say(kHello);
  pass(1s);
  EXPECT_EQ(client.hear(), error_reply(4));
  EXPECT_TRUE(client.heard_end());
}

TEST_F(LocalSession, FindsTheServerByName) {
  network.names["ss.test"] = {kServer.address};
  server = listener(kServer);
  start(*TargetAddress::make("ss.test", kServer.port));
  client.say(joined(kHello, counting(10)));
  pass(1s);
  expect_request(counting(10));
}

TEST_F(LocalSession, NamesTheBoundAddressInItsReply) {
  server = listener(kServer);
  start();
  client.say(kHello);
  pass(1s);
  EXPECT_EQ(client.hear(), hex("05000500"
                               "0001cb007109"
                               "9c40"));
}

TEST_F(LocalSession, SendsPipelinedBytesInTheOneWriteOfTheFirstFlightAtOnce) {
  server = listener(kServer);
  start();
  client.say(joined(kHello, counting(500)));
  pass(1s);
  EXPECT_EQ(writes(), 1U);
  EXPECT_LE(*flight_at(), 10ms) << "there is nothing to wait for";
  expect_request(counting(500));
  EXPECT_EQ(env.counters.bytes_up.read(), 500U);
}

TEST_F(LocalSession, WaitsForFirstBytesAndSendsThemInTheOneWrite) {
  server = listener(kServer);
  start();
  client.say(kHello);
  pass(15ms);
  EXPECT_EQ(client.hear().size(), 12U) << "the reply does not wait";
  EXPECT_EQ(writes(), 0U);
  const Duration said = now();
  client.say(counting(500));
  pass(1s);
  EXPECT_EQ(writes(), 1U);
  EXPECT_LE(*flight_at(), said + 2ms);
  expect_request(counting(500));
}

TEST_F(LocalSession, GoesWithoutFirstBytesAfterTheWait) {
  server = listener(kServer);
  start();
  client.say(kHello);
  pass(1s);
  EXPECT_EQ(writes(), 1U);
  EXPECT_GE(*flight_at(), 20ms);
  EXPECT_LE(*flight_at(), 20ms + kLate);
  expect_request({});
  EXPECT_GT(flight.size(), 32U + 27 + 13 + 2 + 16) << "padded";
}

TEST_F(LocalSession, TakesAFirstFlightThatTheServerTakesPiecemeal) {
  server = listener(kServer);
  server->near().next_write_takes = 10;
  start();
  client.say(joined(kHello, counting(500)));
  pass(1s);
  client.say(counting(500, 500));
  client.finish();
  pass(1s);
  EXPECT_TRUE(server->heard_end());
  flight = server->hear();
  const protocol::Parsed<protocol::Request> request = handshake.feed(flight, env.clock.unix_now(), world.now(), salts);
  ASSERT_TRUE(request.ready());
  EXPECT_EQ(request.value().payload.size(), 500U);
  protocol::testing::Opening up(handshake.take_decoder());
  EXPECT_TRUE(up.feed(request.value().rest));
  EXPECT_EQ(up.payload, counting(500, 500));
}

TEST_F(LocalSession, RelaysBothWaysToTheEnd) {
  server = listener(kServer);
  start();
  client.say(kHello);
  client.finish();
  pass(1s);
  expect_request({});
  EXPECT_TRUE(server->heard_end());
  protocol::Encoder encoder = handshake.take_encoder(world, world.now(), salts, false);
  server->say(*protocol::testing::seal_all(encoder, counting(5'000), 1'000));
  server->finish();
  pass(1s);
  const ByteVector heard = client.hear();
  EXPECT_EQ(ByteVector(heard.begin() + 12, heard.end()), counting(5'000));
  EXPECT_TRUE(client.heard_end());
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_EQ(env.counters.bytes_down.read(), 5'000U);
}

TEST_F(LocalSession, NeverDeliversAResponseThatDoesNotOpen) {
  server = listener(kServer);
  start();
  client.say(joined(kHello, counting(10)));
  pass(1s);
  server->say(counting(200));
  pass(1s);
  EXPECT_EQ(client.hear().size(), 12U) << "the reply alone";
  EXPECT_TRUE(client.heard_reset());
  EXPECT_TRUE(server->heard_reset());
}

TEST_F(LocalSession, ResetsTheClientWhereTheFirstFlightCannotBeSent) {
  server = listener(kServer);
  server->near().write_error = EPIPE;
  start();
  client.say(joined(kHello, counting(10)));
  pass(1s);
  EXPECT_TRUE(client.heard_reset());
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(LocalSession, EndsWhenItIsStoppedWhereverItStands) {
  for (const Duration when : {0ms, 1ms, 2ms, 3ms, 5ms, 10ms, 100ms}) {
    client = Peer(network);
    server = listener(kServer);
    start();
    client.say(kHello);
    pass(when);
    sessions.stop_all();
    pass(1s);
    EXPECT_EQ(sessions.size(), 0U) << when.count();
  }
}

class LocalSessionOver2017 : public LocalSession {
 protected:
  LocalSessionOver2017() : LocalSession("chacha20-ietf-poly1305") {}
};

TEST_F(LocalSessionOver2017, SendsAddressAndFirstBytesInOneWrite) {
  server = listener(kServer);
  start();
  client.say(joined(kHello, counting(500)));
  pass(1s);
  EXPECT_EQ(writes(), 1U);
  expect_request(counting(500));
}

}  // namespace
}  // namespace ss::local
