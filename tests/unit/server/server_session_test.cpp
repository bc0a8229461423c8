#include "server_session.hpp"

#include <cerrno>
#include <deque>

#include "served.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/record_key.hpp"

namespace ss::server {
namespace {

class ServerSession : public Served {
 protected:
  using Served::Served;

  /// The client got a FIN and not a byte, and can go on sending for a while.
  void expect_fin_without_a_byte(Peer& client) {
    EXPECT_TRUE(client.hear().empty());
    EXPECT_TRUE(client.heard_end());
    EXPECT_EQ(client.near().count(Deed::Kind::write), 0U);
    EXPECT_EQ(client.near().count(Deed::Kind::reset), 0U);
  }
};

TEST_F(ServerSession, RelaysBothWaysToTheEnd) {
  const auto target = listener(kTarget);
  Peer client(network);
  serve_to(client);
  Stream stream = request(counting(300));
  client.say(stream.flight);
  pass(1s);
  EXPECT_EQ(target->hear(), counting(300));
  protocol::Encoder encoder = stream.handshake.take_encoder();
  client.say(*protocol::testing::seal_all(encoder, counting(700, 300), 400));
  client.finish();
  pass(1s);
  EXPECT_EQ(target->hear(), counting(1000));
  EXPECT_TRUE(target->heard_end());
  target->say(counting(5'000));
  target->finish();
  pass(1s);
  protocol::testing::Opening opening(stream.handshake.take_decoder());
  EXPECT_TRUE(opening.feed(client.hear(), env.clock.unix_now()));
  EXPECT_TRUE(opening.may_end());
  EXPECT_EQ(opening.payload, counting(5'000));
  EXPECT_TRUE(client.heard_end());
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_EQ(env.counters.bytes_up.read(), 1000U);
  EXPECT_EQ(env.counters.bytes_down.read(), 5'000U);
}

TEST_F(ServerSession, PassesOnWhatCameBehindTheRequestInTheSameRead) {
  const auto target = listener(kTarget);
  target->near().next_write_takes = 5;
  Peer client(network);
  serve_to(client);
  Stream stream = request(counting(300));
  protocol::Encoder encoder = stream.handshake.take_encoder();
  client.say(joined(stream.flight, *protocol::testing::seal_all(encoder, counting(700, 300), 400)));
  pass(1s);
  EXPECT_EQ(target->hear(), counting(1000));
}

TEST_F(ServerSession, OffersNothingToTheSynUnlessAsked) {
  const auto target = listener(kTarget);
  Peer client(network);
  serve_to(client);
  client.say(request(counting(300)).flight);
  pass(1s);
  EXPECT_TRUE(dialer.first.empty());
  EXPECT_EQ(target->hear(), counting(300));
}

class FastOpenSession : public ServerSession, public testing::WithParamInterface<std::size_t> {};

TEST_P(FastOpenSession, WritesWhatDidNotRideInTheSynOnce) {
  fast_open = true;
  dialer.rides_in_syn = GetParam();
  const auto target = listener(kTarget);
  Peer client(network);
  serve_to(client);
  Stream stream = request(counting(300));
  protocol::Encoder encoder = stream.handshake.take_encoder();
  client.say(joined(stream.flight, *protocol::testing::seal_all(encoder, counting(700, 300), 400)));
  pass(1s);
  EXPECT_EQ(dialer.first, counting(300)) << "the payload of the request, and nothing of what came behind it";
  EXPECT_EQ(target->hear(), counting(1000 - GetParam(), GetParam()));
  EXPECT_EQ(env.counters.bytes_up.read(), 1000U);
}

INSTANTIATE_TEST_SUITE_P(NothingAPartAndAll, FastOpenSession, testing::Values(0, 120, 300));

TEST_F(ServerSession, KeepsTheClientsFinForAfterThePayload) {
  const auto target = listener(kTarget);
  Peer client(network);
  serve_to(client);
  client.say(request(counting(300)).flight);
  client.finish();
  pass(1s);
  EXPECT_EQ(target->hear(), counting(300));
  EXPECT_TRUE(target->heard_end());
}

TEST_F(ServerSession, TakesTheFixedHeaderInOneReadAndTheRestInAnyNumber) {
  const auto target = listener(kTarget);
  constexpr std::size_t kHead = 32 + 11 + 16;
  const std::size_t length = request(counting(10)).flight.size();
  for (std::size_t cut = 1; cut < length; cut += cut < kHead + 5 ? 1 : 50) {
    Peer client(network);
    serve_to(client);
    const Stream stream = request(counting(10));
    if (cut >= stream.flight.size()) continue;
    const std::uint64_t rejected = env.counters.rejected.read();
    client.say(ConstBytes(stream.flight).first(cut));
    pass(10ms);
    client.say(ConstBytes(stream.flight).subspan(cut));
    pass(10ms);
    EXPECT_EQ(env.counters.rejected.read() - rejected, cut < kHead ? 1U : 0U) << cut;
    client.reset();
    pass(6s);
  }
  EXPECT_EQ(env.counters.short_first_read.read(), kHead - 1);
}

TEST_F(ServerSession, RefusesAReplayAndDialsNothing) {
  const auto target = listener(kTarget);
  const Stream stream = request(counting(300));
  for (int i = 0; i < 3; ++i) {
    Peer client(network);
    serve_to(client);
    client.say(stream.flight);
    pass(1s);
    EXPECT_EQ(env.counters.rejected.read(), static_cast<std::uint64_t>(i));
    client.reset();
    pass(10s);
  }
  EXPECT_EQ(env.counters.replays.read(), 2U);
  EXPECT_EQ(dialer.begun.size(), 1U);
  EXPECT_EQ(salts.size(), 1U);
}

TEST_F(ServerSession, EndsADeniedTargetWithFinAndWithoutAByte) {
  deny.push_back(*TargetRule::parse("93.184.216.34"));
  for (const char* to : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "93.184.216.34"}) {
    Peer client(network);
    serve_to(client);
    client.say(request({*IpAddress::parse(to), 80}, counting(300)).flight);
    pass(1s);
    expect_fin_without_a_byte(client);
    client.say(counting(1'000));
    pass(3s);
    EXPECT_FALSE(client.heard_reset()) << "drained";
    EXPECT_EQ(sessions.size(), 1U);
    pass(2s);
    EXPECT_EQ(sessions.size(), 0U) << "5 s at most";
  }
  EXPECT_TRUE(dialer.begun.empty());
  EXPECT_EQ(env.counters.denied.read(), 4U);
  EXPECT_EQ(env.counters.rejected.read(), 0U);
}

// A denied name is not even looked up: here it does not exist.
TEST_F(ServerSession, JudgesNamesByPatternAndByWhatTheyResolveTo) {
  deny.push_back(*TargetRule::parse("*.denied.test"));
  allow.push_back(*TargetRule::parse("intranet.test"));
  network.names["rebound.test"] = {*IpAddress::parse("127.0.0.1")};
  network.names["intranet.test"] = {*IpAddress::parse("10.0.0.1")};
  for (const char* name : {"x.denied.test", "rebound.test"}) {
    Peer client(network);
    serve_to(client);
    client.say(request(*TargetAddress::make(name, 80), counting(300)).flight);
    pass(1s);
    expect_fin_without_a_byte(client);
    EXPECT_TRUE(dialer.begun.empty()) << name;
    client.go();
    pass(10s);
  }
  EXPECT_EQ(env.counters.denied.read(), 2U);
  const auto intranet = listener({*IpAddress::parse("10.0.0.1"), 80});
  Peer client(network);
  serve_to(client);
  client.say(request(*TargetAddress::make("intranet.test", 80), counting(300)).flight);
  pass(1s);
  EXPECT_EQ(intranet->hear(), counting(300));
}

TEST_F(ServerSession, EndsAnUnreachableTargetWithFinAndWithoutAByte) {
  const Endpoint broken{kTarget.address, 81};
  const Endpoint silent{kTarget.address, 82};
  dialer.fails[broken] = ENETUNREACH;
  dialer.silent = silent;
  const std::pair<TargetAddress, Duration> targets[] = {{{kTarget.address, 80}, 0s},  // nothing listens there
                                                        {{broken.address, broken.port}, 0s},
                                                        {{silent.address, silent.port}, 10s},
                                                        {*TargetAddress::make("nowhere.test", 80), 0s}};
  for (const auto& [to, after] : targets) {
    Peer client(network);
    const Duration began = now();
    serve_to(client);
    client.say(request(to, counting(300)).flight);
    pass(after + 1s);
    expect_fin_without_a_byte(client);
    expect_at(client.near().first(Deed::Kind::fin), began + after);
    client.finish();
    pass(kLate);
    EXPECT_EQ(sessions.size(), 0U);
  }
  EXPECT_EQ(env.counters.dial_failures.read(), 4U);
  EXPECT_EQ(env.counters.denied.read(), 0U);
}

TEST_F(ServerSession, EndsWhenItIsStoppedWhereverItStands) {
  dialer.silent = kTarget;
  const Stream stream = request(counting(300));
  for (const std::size_t said : {std::size_t{0}, std::size_t{100}, stream.flight.size()}) {
    Peer client(network);
    serve_to(client);
    if (said > 0) client.say(ConstBytes(stream.flight).first(said));
    pass(1s);
    EXPECT_EQ(sessions.size(), 1U);
    sessions.stop_all();
    pass(100ms);
    EXPECT_EQ(sessions.size(), 0U) << said;
  }
}

TEST_F(ServerSession, HoldsNothingOfAClientThatGoesBeforeItsRequest) {
  Peer client(network);
  serve_to(client);
  client.say(ConstBytes(request(counting(300)).flight).first(100));
  pass(1s);
  client.finish();
  pass(kLate);
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_TRUE(client.heard_end());
  EXPECT_EQ(env.counters.rejected.read(), 0U);
}

/// A client whose reads come in just the portions that were put in, however large.
class PortionStream final : public net::Stream {
 public:
  PortionStream(sim::World& world, std::deque<ByteVector> portions) : world_(world), portions_(std::move(portions)) {}
  net::IoResult try_read(std::span<const Bytes> into) override {
    if (portions_.empty()) return {};
    ByteVector& next = portions_.front();
    const std::size_t n = std::min(next.size(), into.front().size());
    std::copy_n(next.begin(), n, into.front().begin());
    next.erase(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(n));
    if (next.empty()) portions_.pop_front();
    return {net::IoStatus::done, n, 0};
  }
  net::IoResult try_write(std::span<const ConstBytes>) override { return {}; }
  void wait(net::Side side, net::Waiter& waiter) override {
    waiter_ = &waiter;
    if (side == net::Side::read && !portions_.empty()) complete_soon(net::WaitOutcome::ready);
  }
  void cancel() override { complete_soon(net::WaitOutcome::cancelled); }
  int finish_connect() override { return 0; }
  void shut_write() override {}
  void reset() override {}
  [[nodiscard]] std::size_t unacknowledged() const override { return 0; }
  [[nodiscard]] Endpoint local_endpoint() const override { return {}; }
  [[nodiscard]] Endpoint peer_endpoint() const override { return {}; }

 private:
  void complete_soon(net::WaitOutcome outcome) {
    if (waiter_ == nullptr) return;
    world_.after(1ms, [waiter = std::exchange(waiter_, nullptr), outcome] { waiter->complete(outcome); });
  }

  sim::World& world_;
  std::deque<ByteVector> portions_;
  net::Waiter* waiter_ = nullptr;
};

// The longest header there is, cut so that its last byte comes with as much behind it as one read takes.
TEST_F(ServerSession, HoldsAtMost128KiBOfAFirstPayloadAndWhatCameBehindIt) {
  const auto target = listener(kTarget);
  target->near().takes_nothing = true;
  const cipher::Method& method = server_credentials.method();
  ByteVector wire = counting(method.salt_length());
  protocol::RecordKey key = protocol::RecordKey::derive(method, credentials.key(), keys, wire);
  const auto put = [&](ByteVector text) {
    ByteVector tag(cipher::kTagLength);
    key.seal(text, tag);
    wire.insert(wire.end(), text.begin(), text.end());
    wire.insert(wire.end(), tag.begin(), tag.end());
  };
  ByteVector fixed(protocol::FixedHeader::kLength);
  protocol::put_fixed_header({env.clock.unix_now(), 0xFFFF}, fixed);
  put(fixed);
  ByteVector variable(0xFFFF);
  const TargetAddress to(kTarget.address, kTarget.port);
  protocol::put_variable_header(to, 0, counting(0xFFFF - protocol::variable_header_length(to, 0, 0)), variable);
  put(variable);
  const std::size_t request_length = wire.size();
  for (int i = 0; i < 4; ++i) {
    put({0xFF, 0xFF});
    put(counting(0xFFFF));
  }
  const auto cut = wire.begin() + static_cast<std::ptrdiff_t>(request_length - 1);
  auto client = std::make_unique<PortionStream>(
      world, std::deque<ByteVector>{ByteVector(wire.begin(), cut), ByteVector(cut, wire.end())});
  node.spawner().spawn(serve(env, rules(), std::move(client)));
  pass(100ms);
  EXPECT_TRUE(target->connected());
  EXPECT_GE(env.held_total.read(), 0xFFFFU - 20);
  EXPECT_LE(env.held_total.read(), relay::kMaxHeld);
}

class ServerSessionWithUsers : public ServerSession, public ::testing::WithParamInterface<const char*> {
 protected:
  ServerSessionWithUsers() : ServerSession(GetParam(), true) {}
};
INSTANTIATE_TEST_SUITE_P(Methods, ServerSessionWithUsers,
                         ::testing::Values("2022-blake3-aes-128-gcm", "chacha20-ietf-poly1305"));

TEST_P(ServerSessionWithUsers, ServesEveryUserAndNobodyElse) {
  const auto is_2022 = server_credentials.method().is_2022();
  const std::string stranger =
      is_2022 ? cipher::base64(protocol::testing::pattern(16, 77)) : std::string("password 77");
  for (const std::string& user : {config.users[0], config.users[1], config.users[2], stranger, std::string()}) {
    std::string password = user.empty() ? config.server : user;
    if (is_2022 && !user.empty()) password = config.server + ":" + user;
    credentials =
        *protocol::ClientCredentials::from_password(server_credentials.method(), protocol::testing::secret(password));
    const bool known = user != stranger && !user.empty();
    const std::uint64_t dials = dialer.begun.size();
    const auto target = listener(kTarget);
    Peer client(network);
    serve_to(client);
    client.say(request(counting(300)).flight);
    pass(1s);
    EXPECT_EQ(dialer.begun.size() - dials, known ? 1U : 0U) << password;
    if (known) {
      EXPECT_EQ(target->hear(), counting(300)) << password;
    }
    client.reset();
    pass(10s);
  }
  EXPECT_EQ(env.counters.rejected.read(), 2U);
}

class ServerSessionOver2017 : public ServerSession {
 protected:
  ServerSessionOver2017() : ServerSession("aes-256-gcm") {}
};

TEST_F(ServerSessionOver2017, TakesARequestInAnySplit) {
  const std::size_t length = request(counting(30)).flight.size();
  for (std::size_t cut = 1; cut < length; ++cut) {
    const auto target = listener(kTarget);
    Peer client(network);
    serve_to(client);
    const Stream stream = request(counting(30));
    client.say(ConstBytes(stream.flight).first(cut));
    pass(10ms);
    client.say(ConstBytes(stream.flight).subspan(cut));
    pass(20ms);
    EXPECT_EQ(target->hear(), counting(30)) << cut;
    client.reset();
    pass(10ms);
  }
  EXPECT_EQ(env.counters.rejected.read(), 0U);
}

}  // namespace
}  // namespace ss::server
