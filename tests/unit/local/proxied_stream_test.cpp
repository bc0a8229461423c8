#include "proxied_stream.hpp"

#include <optional>

#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using protocol::testing::joined;
using relay::test::counting;
using relay::test::Fixture;
using relay::test::Peer;

const Endpoint kServer{IpAddress(IpAddress::V4{198, 51, 100, 1}), 8388};
const Endpoint kTarget{IpAddress(IpAddress::V4{93, 184, 216, 34}), 80};

/// One stream over a connection that is there, by every method.
class RelayThrough : public Fixture, public testing::WithParamInterface<protocol::testing::PairConfig> {
 protected:
  RelayThrough() { session.admitted(); }
  void TearDown() override {
    session.stop();
    client.go();
    server.go();
    pass(1s);
    Fixture::TearDown();
  }

  net::Task<> relay(ByteVector early) {
    const std::unique_ptr<net::Stream> near_client = client.take_near();
    const std::unique_ptr<net::Stream> near_server = server.take_near();
    session.client = near_client.get();
    session.upstream = near_server.get();
    StreamStart start{{kTarget.address, kTarget.port}, std::move(early)};
    co_await relay_through(env, session, rules, std::move(start));
    session.client = session.upstream = nullptr;
  }
  /// The payload of all that the server has heard.
  ByteVector heard() {
    protocol::ServerHandshake handshake(server_credentials, keys);
    const protocol::Parsed<protocol::Request> request =
        handshake.feed(server.hear(), env.clock.unix_now(), world.now(), salts);
    if (!request.ready()) return {};
    ByteVector payload(request.value().payload.begin(), request.value().payload.end());
    const ByteVector rest(request.value().rest.begin(), request.value().rest.end());
    protocol::testing::Opening opening(handshake.take_decoder());
    EXPECT_TRUE(opening.feed_in_steps(rest, std::size_t{64} * 1024));
    return joined(payload, opening.payload);
  }

  /// Whatever was said first arrives before what follows, and is counted once.
  void relay_and_expect(std::size_t early) {
    node.spawner().spawn(relay(counting(early)));
    client.say(counting(1'000, early));
    // A connection holds less than all of it.
    for (int i = 0; i < 5; ++i) {
      pass(100ms);
      server.hear();
    }
    EXPECT_EQ(heard(), counting(early + 1'000));
    EXPECT_EQ(env.counters.bytes_up.read(), early + 1'000);
  }

  Server known{"server", {kServer.address, kServer.port}, protocol::testing::client_credentials(GetParam())};
  protocol::ServerCredentials server_credentials = protocol::testing::server_credentials(GetParam());
  protocol::testing::SaltsSeen salts;
  cipher::KeyCache keys{8};
  SessionRules rules{known, {}, false, 10s, 20ms, {}};
  relay::LiveSession session{sessions};
  Peer client{network};
  Peer server{network};
};

TEST_P(RelayThrough, SendsAsManyFirstBytesAsFitInOneFlight) {
  relay_and_expect(protocol::ClientHandshake::kMaxFirstPayload);
}

TEST_P(RelayThrough, SendsOneFirstByteMoreBehindTheFlight) {
  relay_and_expect(protocol::ClientHandshake::kMaxFirstPayload + 1);
}

TEST_P(RelayThrough, SendsAsManyFirstBytesAsOneReadGives) {
  relay_and_expect(130'000);
}

TEST_P(RelayThrough, SendsThemAlsoWhereTheServerTakesThemPiecemeal) {
  server.near().next_write_takes = 100;
  node.spawner().spawn(relay(counting(40'000)));
  pass(1s);
  EXPECT_EQ(heard(), counting(40'000));
}

INSTANTIATE_TEST_SUITE_P(Methods, RelayThrough, testing::ValuesIn(protocol::testing::pair_configs()),
                         [](const auto& method) { return method.param.name; });

}  // namespace
}  // namespace ss::local
