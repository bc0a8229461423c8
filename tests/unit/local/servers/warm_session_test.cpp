// Sessions whose connection to the server was there before their client came.
#include <array>

#include "local_worker.hpp"
#include "servers/warm_pool.hpp"
#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using relay::test::Fixture;
using relay::test::Peer;

const Endpoint kServer{IpAddress(IpAddress::V4{198, 51, 100, 1}), 8388};

protocol::testing::PairConfig config_of(bool is_2022) {
  for (const protocol::testing::PairConfig& config : protocol::testing::pair_configs()) {
    const cipher::Method* const method = cipher::find_method(config.method);
    if (method->family != cipher::Family::plain && method->is_2022() == is_2022) return config;
  }
  return {};
}

class WarmSession : public Fixture {
 protected:
  explicit WarmSession(bool is_2022 = true) : config(config_of(is_2022)) {
    warm.name = "server";
    warm.server = known.address();
    warm.worth_it = 1us;
    network.listeners[kServer] = [this](std::unique_ptr<net::Stream> stream) { accepted.push_back(std::move(stream)); };
    pool.asked();
    pool.connected_cold(100ms);
    pass(12s);
    EXPECT_EQ(accepted.size(), 1U);
  }
  void TearDown() override {
    client.go();
    accepted.clear();
    Fixture::TearDown();
    expect_no_session();
    EXPECT_EQ(network.alive, 0U);
  }
  /// CONNECT name.test:443 by SOCKS5.
  void request() {
    node.spawner().spawn(serve(env, worker, client.take_near()));
    client.say(protocol::testing::of_hex(std::string("0501000501000309") + "6e616d652e74657374" + "01bb"));
    pass(20ms);
  }
  /// The client waits for the answer before it says more.
  void ask() {
    request();
    ASSERT_EQ(client.hear().size(), 12U);
    EXPECT_EQ(client.hear()[3], 0) << "succeeded";
  }
  /// How many bytes have come on a connection, and how it stands.
  net::IoResult read(std::size_t number) {
    std::array<std::uint8_t, 4096> room;
    return accepted.at(number)->try_read(Bytes(room));
  }

  /// What has come on a connection.
  ByteVector heard(std::size_t number) {
    ByteVector bytes(4096);
    bytes.resize(accepted.at(number)->try_read(Bytes(bytes)).bytes);
    return bytes;
  }
  /// Resets the connection that the first flight has come on, as if that had not. @return  it.
  ByteVector lose_first_flight() {
    dialer.watch(kServer)->unacknowledged = SIZE_MAX;
    pass(300ms);
    ByteVector flight = heard(0);
    accepted[0]->reset();
    pass(100ms);
    return flight;
  }
  /// How often this has come since, on other connections.
  std::size_t count_again(const ByteVector& flight) {
    std::size_t count = 0;
    for (std::size_t i = 1; i < accepted.size(); ++i) count += heard(i) == flight ? 1U : 0U;
    return count;
  }

  protocol::testing::PairConfig config;
  Server known{"server", {kServer.address, kServer.port}, protocol::testing::client_credentials(config)};
  cipher::KeyCache keys{8};
  protocol::testing::SaltsSeen packet_salts;
  protocol::ClientPacketKeys packet_keys{known.credentials(), keys, env.entropy, packet_salts};
  SessionRules rules{known, {}, false, 10s, 200ms, {}};
  NegotiationRules negotiation;
  WarmRules warm;
  WarmPool pool{env, warm, nullptr};
  LocalWorker worker{negotiation, {{rules, packet_keys, nullptr, &pool}}};
  Peer client{network};
  std::vector<std::unique_ptr<net::Stream>> accepted;
};

TEST_F(WarmSession, SpeaksOnTheConnectionThatIsThere) {
  ask();
  EXPECT_EQ(read(0).status, net::IoStatus::blocked) << "nothing before the client has had its time";
  client.say(relay::test::counting(10));
  pass(20ms);
  EXPECT_GT(read(0).bytes, 10U);
}

TEST_F(WarmSession, TakesAnotherOneWhereItEndsBeforeTheFirstByte) {
  ask();
  accepted[0]->shut_write();
  client.say(relay::test::counting(10));
  pass(100ms);
  EXPECT_NE(read(0).status, net::IoStatus::done);
  ASSERT_GE(accepted.size(), 2U);
  std::size_t spoken = 0;
  for (std::size_t i = 1; i < accepted.size(); ++i) spoken += read(i).bytes > 10 ? 1U : 0U;
  EXPECT_EQ(spoken, 1U) << "once";
  EXPECT_FALSE(client.heard_reset());
}

TEST_F(WarmSession, ResetsTheClientWhereNoOtherCanBeHad) {
  ask();
  pass(100ms);
  network.listeners.clear();
  accepted.clear();
  client.say(relay::test::counting(10));
  pass(300ms);
  EXPECT_TRUE(client.heard_reset()) << "it was told that it had succeeded";
}

TEST_F(WarmSession, SendsTheSameBytesOnceMoreWhereTheServerHasNotSeenThem) {
  ask();
  client.say(relay::test::counting(10));
  const ByteVector flight = lose_first_flight();
  EXPECT_GT(flight.size(), 10U);
  EXPECT_EQ(count_again(flight), 1U);
  EXPECT_FALSE(client.heard_reset());
}

TEST_F(WarmSession, GivesTheAnswerItsTimeFromWhenTheRequestWasSentAgain) {
  known.set_kind(Kind::ours);
  request();
  network.connect_takes[kServer] = 3s;
  const ByteVector flight = lose_first_flight();
  const std::size_t told = client.hear().size();
  pass(4s);
  EXPECT_EQ(count_again(flight), 1U);
  EXPECT_EQ(client.hear().size(), told) << "the answer may still come";
  EXPECT_EQ(known.kind(), Kind::ours);
  pass(1s);
  EXPECT_EQ(client.hear().size(), told + 10) << "two seconds after the request went out again";
  EXPECT_EQ(known.kind(), Kind::unknown);
}

TEST_F(WarmSession, TakesTheServerForSilentOnlySomeTimeAfterTheRequestWasSentAgain) {
  known.set_kind(Kind::foreign);
  ask();
  client.say(relay::test::counting(10));
  network.connect_takes[kServer] = 3s;
  testing::internal::CaptureStderr();
  const ByteVector flight = lose_first_flight();
  pass(5s);
  EXPECT_EQ(count_again(flight), 1U);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "two seconds after it was sent again";
}

class WarmSession2017 : public WarmSession {
 protected:
  WarmSession2017() : WarmSession(false) {}
};

TEST_F(WarmSession2017, SendsNoPayloadTwice) {
  ask();
  client.say(relay::test::counting(10));
  const ByteVector flight = lose_first_flight();
  EXPECT_EQ(count_again(flight), 0U);
  pass(6s);
  EXPECT_TRUE(client.heard_reset());
}

TEST_F(WarmSession2017, SendsAnAddressOnceMore) {
  ask();
  const ByteVector flight = lose_first_flight();
  EXPECT_GT(flight.size(), 10U);
  EXPECT_EQ(count_again(flight), 1U);
  EXPECT_FALSE(client.heard_reset());
}

}  // namespace
}  // namespace ss::local
