#include "response_gate.hpp"

#include <optional>
#include <string>

#include "local_worker.hpp"
#include "ss/protocol/pair/operation.hpp"
#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
namespace pair = protocol::pair;
using protocol::socks5::Reply;
using protocol::testing::joined;
using protocol::testing::of_hex;
using relay::test::counting;
using relay::test::Fixture;
using relay::test::kLate;
using relay::test::Peer;

const Endpoint kServer{IpAddress(IpAddress::V4{198, 51, 100, 1}), 8388};
const Endpoint kBound{IpAddress(IpAddress::V4{203, 0, 113, 7}), 40'001};

ByteVector hex(const std::string& text) {
  return of_hex(text);
}

/// CONNECT 192.0.2.1:80 by SOCKS5.
const ByteVector kConnect = hex("05010005010001c00002010050");

protocol::testing::PairConfig config_for(const std::string& method) {
  for (const protocol::testing::PairConfig& config : protocol::testing::pair_configs()) {
    if (config.method == method && config.users.empty()) return config;
  }
  return {};
}

/// One client of ss-local, and the server that it is led to, on virtual time.
class ResponseGateTest : public Fixture {
 protected:
  explicit ResponseGateTest(const std::string& method = "2022-blake3-aes-256-gcm") : config(config_for(method)) {}

  void start(Kind kind, config::Socks5Reply reply = config::Socks5Reply::automatic, Duration wait = {}) {
    known.set_kind(kind);
    rules.emplace(SessionRules{known, {}, false, 10s, 20ms, {}});
    rules->reply = reply;
    rules->reply_wait = wait;
    server = listener(kServer);
    node.spawner().spawn(
        serve(env, worker.emplace(LocalWorker{negotiation, {{*rules, packet_keys}}}), client.take_near()));
  }
  /// The client asks, and the server takes its request.
  void ask(const ByteVector& message = kConnect) {
    client.say(message);
    pass(100ms);
    ASSERT_TRUE(server->connected());
    handshake.emplace(server_credentials, keys);
    const protocol::Parsed<protocol::Request> taken =
        handshake->feed(server->hear(), env.clock.unix_now(), world.now(), salts);
    ASSERT_TRUE(taken.ready());
    EXPECT_TRUE(taken.value().marked);
    asked = taken.value().target;
    payload.assign(taken.value().payload.begin(), taken.value().payload.end());
  }
  /// Says `text` as the server, marked or as a stock server would.
  void answer(ConstBytes text, bool marked = true, std::size_t chunk = 0x3FFF) {
    if (!encoder) encoder.emplace(handshake->take_encoder(world, world.now(), salts, marked));
    server->say(*protocol::testing::seal_all(*encoder, text, chunk, 65'536, env.clock.unix_now()));
    pass(20ms);
  }
  ByteVector frame(Reply reply, bool dialling = false, const Endpoint& bound = kBound) {
    ByteVector out(pair::kMaxFrame);
    out.resize(pair::put_frame({reply, dialling, bound}, world, out));
    return out;
  }
  /// What the client was told behind the choice of its method: nothing, or REP, and what followed.
  std::optional<unsigned> rep() {
    const ByteVector& told = client.hear();
    if (told.size() < 12) return std::nullopt;
    return told[3];
  }
  ByteVector after_reply() {
    const ByteVector& told = client.hear();
    return told.size() < 12 ? ByteVector{} : ByteVector(told.begin() + 12, told.end());
  }
  void TearDown() override {
    client.go();
    if (server) server->go();
    pass(1s);
    Fixture::TearDown();
    expect_no_session();
    EXPECT_EQ(network.alive, 0U);
  }

  protocol::testing::PairConfig config;
  Server known{"server", {kServer.address, kServer.port}, protocol::testing::client_credentials(config)};
  protocol::ServerCredentials server_credentials = protocol::testing::server_credentials(config);
  protocol::testing::SaltsSeen salts;
  cipher::KeyCache keys{8};
  protocol::testing::SaltsSeen packet_salts;
  protocol::ClientPacketKeys packet_keys{known.credentials(), keys, env.entropy, packet_salts};
  std::optional<protocol::ServerHandshake> handshake;
  std::optional<protocol::Encoder> encoder;
  const NegotiationRules negotiation{{}, {true, true, true}};
  std::optional<SessionRules> rules;
  std::optional<LocalWorker> worker;
  Peer client{network};
  std::unique_ptr<Peer> server;
  TargetAddress asked;
  ByteVector payload;
};

TEST_F(ResponseGateTest, TellsTheTruthOfAServerThatIsKnownToBeOurs) {
  start(Kind::ours);
  ask();
  EXPECT_EQ(asked.to_string(), "192.0.2.1:80") << "the first flight goes before the answer";
  EXPECT_EQ(rep(), std::nullopt) << "nobody knows yet";
  answer(frame(Reply::succeeded));
  EXPECT_EQ(client.hear(), hex("050005000001cb0071079c41")) << "bound as the server says";
  answer(counting(100));
  EXPECT_EQ(after_reply(), counting(100));
}

TEST_F(ResponseGateTest, PassesEveryFailureOnAndEndsTheConnection) {
  for (unsigned code = 1; code <= 8; ++code) {
    client = Peer(network);
    encoder.reset();
    start(Kind::ours);
    ask();
    answer(frame(static_cast<Reply>(code), false, Endpoint{}));
    server->finish();
    pass(100ms);
    EXPECT_EQ(rep(), code);
    EXPECT_TRUE(client.heard_end());
    EXPECT_FALSE(client.heard_reset());
    EXPECT_TRUE(after_reply().empty());
    client.finish();
    pass(kLate);
    EXPECT_EQ(sessions.size(), 0U) << code;
  }
}

TEST_F(ResponseGateTest, TakesAFrameInAnySplitOfReadsAndChunks) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{100}, std::size_t{0x3FFF}}) {
    client = Peer(network);
    encoder.reset();
    start(Kind::ours);
    ask();
    answer(joined(frame(Reply::succeeded), counting(500)), true, chunk);
    EXPECT_EQ(rep(), 0U) << chunk;
    EXPECT_EQ(after_reply(), counting(500)) << chunk;
    client.go();
    server->go();
    pass(kLate);
  }
}

TEST_F(ResponseGateTest, TakesAFrameThatComesInTwoReads) {
  for (const std::size_t cut : {std::size_t{1}, std::size_t{5}, std::size_t{10}}) {
    client = Peer(network);
    encoder.reset();
    start(Kind::ours);
    ask();
    const ByteVector whole = joined(frame(Reply::succeeded), counting(500));
    answer(ConstBytes(whole).first(cut));
    EXPECT_EQ(rep(), std::nullopt) << cut;
    answer(ConstBytes(whole).subspan(cut));
    EXPECT_EQ(rep(), 0U) << cut;
    EXPECT_EQ(after_reply(), counting(500)) << cut;
    client.go();
    server->go();
    pass(kLate);
  }
}

TEST_F(ResponseGateTest, WaitsLongerWhereTheServerIsStillDialling) {
  start(Kind::ours);
  ask();
  pass(900ms);
  answer(frame(Reply::succeeded, true, Endpoint{}));
  pass(30s);
  EXPECT_EQ(rep(), std::nullopt);
  answer(frame(Reply::host_unreachable, false, Endpoint{}));
  EXPECT_EQ(rep(), 4U);
  EXPECT_EQ(known.kind(), Kind::ours);
}

TEST_F(ResponseGateTest, GivesAPromisedFrameUpAfterAMinute) {
  start(Kind::ours);
  ask();
  answer(frame(Reply::succeeded, true, Endpoint{}));
  pass(61s);
  EXPECT_EQ(rep(), 4U);
  EXPECT_TRUE(client.heard_end());
  pass(11s);
  EXPECT_EQ(sessions.size(), 0U) << "a client that stays is cut off";
}

TEST_F(ResponseGateTest, PassesNothingOnBehindAFailure) {
  start(Kind::ours);
  ask();
  answer(frame(Reply::succeeded, true, Endpoint{}));
  pass(61s);
  ASSERT_EQ(rep(), 4U);
  answer(joined(frame(Reply::succeeded), counting(50)));
  EXPECT_TRUE(after_reply().empty());
  pass(11s);
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(ResponseGateTest, IsNotHeldByAServerThatIsDiallingForEver) {
  start(Kind::ours);
  ask();
  for (int i = 0; i < 61 && !rep(); ++i) {
    answer(frame(Reply::succeeded, true, Endpoint{}));
    pass(1s);
  }
  EXPECT_EQ(rep(), 4U);
}

TEST_F(ResponseGateTest, AnswersAtOnceWhereThatIsAskedForWhateverElseIs) {
  for (const Kind kind : {Kind::ours, Kind::foreign, Kind::unknown}) {
    client = Peer(network);
    start(kind, config::Socks5Reply::optimistic, 300ms);
    client.say(kConnect);
    pass(15ms);
    EXPECT_EQ(rep(), 0U);
    client.go();
    pass(kLate);
  }
}

TEST_F(ResponseGateTest, SaysSucceededAfterTwoSecondsWithoutAFrameAndForgetsWhoseTheServerIs) {
  start(Kind::ours);
  ask();
  pass(1'800ms);
  EXPECT_EQ(rep(), std::nullopt);
  pass(300ms);
  EXPECT_EQ(rep(), 0U);
  EXPECT_EQ(known.kind(), Kind::unknown);
  answer(counting(10), false);
  EXPECT_EQ(after_reply(), counting(10));
  EXPECT_EQ(known.kind(), Kind::foreign);
}

TEST_F(ResponseGateTest, LosesNothingWhereAStockServerAnswersInPlaceOfOurs) {
  start(Kind::ours);
  ask();
  answer(counting(10), false);
  EXPECT_EQ(rep(), 0U) << "it has connected, or it would not speak";
  EXPECT_EQ(after_reply(), counting(10));
  EXPECT_EQ(known.kind(), Kind::foreign);
}

TEST_F(ResponseGateTest, LearnsThatAServerIsOursFromAnyAnswer) {
  start(Kind::foreign);
  ask(joined(kConnect, counting(5)));
  EXPECT_EQ(rep(), 0U) << "at once, as with any stock server";
  EXPECT_EQ(payload, counting(5));
  answer(joined(frame(Reply::succeeded), counting(20)));
  EXPECT_EQ(after_reply(), counting(20)) << "the frame is not the client's";
  EXPECT_EQ(known.kind(), Kind::ours);
}

TEST_F(ResponseGateTest, ResetsAClientThatWasToldOfSuccessTooEarly) {
  start(Kind::ours, config::Socks5Reply::optimistic);
  ask();
  EXPECT_EQ(rep(), 0U);
  answer(frame(Reply::connection_refused, false, Endpoint{}));
  server->finish();
  pass(kLate);
  EXPECT_TRUE(client.heard_reset()) << "never an empty success";
}

TEST_F(ResponseGateTest, ResetsAClientOfOursThatIsToldNothingBeforeTheEnd) {
  start(Kind::ours, config::Socks5Reply::optimistic);
  ask();
  server->finish();
  pass(kLate);
  EXPECT_TRUE(client.heard_reset());
}

TEST_F(ResponseGateTest, PassesAStockServersEmptyEndOn) {
  start(Kind::foreign);
  ask();
  server->finish();
  pass(kLate);
  EXPECT_EQ(rep(), 0U);
  EXPECT_TRUE(client.heard_end()) << "it may be what the target said";
  EXPECT_FALSE(client.heard_reset());
}

TEST_F(ResponseGateTest, WaitsForTheTruthOfAnUnknownServerWhereItMustBeConfirmed) {
  start(Kind::unknown, config::Socks5Reply::confirmed);
  ask();
  EXPECT_EQ(rep(), std::nullopt);
  answer(frame(Reply::connection_refused, false, Endpoint{}));
  EXPECT_EQ(rep(), 5U);
}

TEST_F(ResponseGateTest, WatchesAForeignServerForAnEarlyEnd) {
  for (const bool reset : {false, true}) {
    client = Peer(network);
    start(Kind::foreign, config::Socks5Reply::automatic, 300ms);
    ask();
    EXPECT_EQ(rep(), std::nullopt);
    if (reset) {
      server->reset();
    } else {
      server->finish();
    }
    pass(50ms);
    EXPECT_EQ(rep(), reset ? 4U : 5U);
    EXPECT_TRUE(client.heard_end());
    client.finish();
    pass(kLate);
  }
}

TEST_F(ResponseGateTest, SaysSucceededWhereAForeignServerStaysForAsLongAsItIsWatched) {
  start(Kind::foreign, config::Socks5Reply::automatic, 300ms);
  ask();
  pass(250ms);
  EXPECT_EQ(rep(), 0U);
  EXPECT_FALSE(client.heard_end());
}

TEST_F(ResponseGateTest, DiagnosesTheSilenceOfAServerThatWasNeverHeard) {
  for (const bool answers : {false, true}) {
    client = Peer(network);
    start(Kind::unknown);
    ByteVector with_payload = kConnect;
    with_payload.push_back('x');
    ask(with_payload);
    if (answers) answer(frame(Reply::succeeded, true));
    pass(3s);
    EXPECT_EQ(env.throttles.diagnosis.admit(world.now()).has_value(), answers) << "whether nothing was said before";
    pass(10s);
    client.go();
    pass(1s);
  }
}

TEST_F(ResponseGateTest, AnswersGeneralFailureWhereOursEndsTheStreamUnread) {
  start(Kind::ours);
  ask();
  server->reset();
  pass(kLate);
  EXPECT_EQ(rep(), 1U);
}

TEST_F(ResponseGateTest, RefusesAFrameThatIsNone) {
  start(Kind::ours);
  ask();
  answer(hex("09000100000000000000"));
  EXPECT_EQ(rep(), 1U);
}

TEST_F(ResponseGateTest, DoesNotMarkWhereTheExtensionIsOff) {
  start(Kind::ours);
  rules->extension = false;
  client.say(kConnect);
  pass(100ms);
  EXPECT_EQ(rep(), 0U);
  handshake.emplace(server_credentials, keys);
  const protocol::Parsed<protocol::Request> taken =
      handshake->feed(server->hear(), env.clock.unix_now(), world.now(), salts);
  ASSERT_TRUE(taken.ready());
  EXPECT_FALSE(taken.value().marked);
}

TEST_F(ResponseGateTest, RefusesAClientThatAsksForAnOperation) {
  start(Kind::ours);
  client.say(hex("05010005010001ffffffff5300"));
  pass(100ms);
  EXPECT_EQ(rep(), 2U);
  EXPECT_FALSE(server->connected());
}

TEST_F(ResponseGateTest, StampsWithTheServersClock) {
  start(Kind::ours);
  ask();
  encoder.emplace(handshake->take_encoder(world, world.now(), salts, true));
  const UnixSeconds theirs = env.clock.unix_now() - 29;
  server->say(*protocol::testing::seal_all(*encoder, frame(Reply::succeeded), 0x3FFF, 65'536, theirs));
  pass(20ms);
  EXPECT_EQ(rep(), 0U);
  EXPECT_NEAR(static_cast<double>(known.clock().now(env.clock)), static_cast<double>(theirs), 1);
}

class ResponseGateBind : public ResponseGateTest {
 protected:
  /// BIND that expects 192.0.2.1:21.
  ByteVector kBind = hex("05010005020001c00002010015");
};

TEST_F(ResponseGateBind, GivesTwoAnswersFromTwoFramesAndThenTheStream) {
  start(Kind::ours);
  ask(kBind);
  EXPECT_EQ(asked, pair::target_of(pair::Operation::bind));
  EXPECT_EQ(payload, hex("01c00002010015")) << "whom it expects";
  answer(frame(Reply::succeeded));
  EXPECT_EQ(client.hear(), hex("050005000001cb0071079c41"));
  pass(30s);
  answer(joined(frame(Reply::succeeded, false, {IpAddress(IpAddress::V4{192, 0, 2, 1}), 20}), counting(30)));
  EXPECT_EQ(after_reply(), joined(hex("05000001c00002010014"), counting(30)));
}

TEST_F(ResponseGateBind, PassesALateFailureOn) {
  start(Kind::ours);
  ask(kBind);
  answer(frame(Reply::succeeded));
  answer(frame(Reply::host_unreachable, false, Endpoint{}));
  EXPECT_EQ(after_reply(), hex("05040001000000000000"));
  EXPECT_TRUE(client.heard_end());
}

TEST_F(ResponseGateBind, HoldsNoRefusedClientForLongWhateverComesThen) {
  start(Kind::ours);
  ask(kBind);
  pass(3s);
  EXPECT_EQ(rep(), 7U);
  answer(frame(Reply::succeeded));
  pass(ResponseGate::kRefusalGrace + kLate);
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(ResponseGateBind, IsNotSupportedByAnybodyElse) {
  start(Kind::foreign);
  client.say(kBind);
  pass(100ms);
  EXPECT_EQ(rep(), 7U);
  EXPECT_FALSE(server->connected());
}

TEST_F(ResponseGateBind, IsNotSupportedWhereAStockServerHasTakenOursPlace) {
  start(Kind::ours);
  ask(kBind);
  server->finish();
  pass(kLate);
  EXPECT_EQ(rep(), 7U);
}

}  // namespace
}  // namespace ss::local
