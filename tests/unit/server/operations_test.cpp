#include "operations.hpp"

#include "marked.hpp"
#include "ss/protocol/pair/operation.hpp"

namespace ss::server {
namespace {

namespace pair = protocol::pair;
using pair::Operation;

class OperationsOf : public Marked, public ::testing::WithParamInterface<const char*> {
 protected:
  OperationsOf() : Marked(GetParam()) {}

  /// The answer to `operation`: a frame, what is behind it, and FIN.
  ByteVector ask(Operation operation) {
    Client client(*this, pair::target_of(operation), {});
    pass(50ms);
    expect_frame(client, Reply::succeeded);
    EXPECT_TRUE(client.peer.heard_end());
    EXPECT_TRUE(client.opening.may_end());
    client.peer.finish();
    pass(kLate);
    EXPECT_EQ(sessions.size(), 0U);
    return raw(client);
  }
};
INSTANTIATE_TEST_SUITE_P(Methods, OperationsOf, ::testing::Values("2022-blake3-aes-256-gcm", "aes-128-gcm"));

TEST_P(OperationsOf, SayHelloWithWhatIsServed) {
  const ByteVector bytes = ask(Operation::hello);
  ASSERT_EQ(bytes.size(), pair::Hello::kLength);
  const auto hello = pair::parse_hello(bytes);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->operations, 0x21);
  EXPECT_EQ(hello->time, env.clock.unix_now() * 1000);
}

TEST_P(OperationsOf, NameBindAndTheSpeedTestWhereTheyAreServed) {
  speedtest = true;
  bind_ports = {config::PortRange{40'000, 40'001}};
  EXPECT_EQ(pair::parse_hello(ask(Operation::hello))->operations, 0x3F);
}

TEST_P(OperationsOf, SayNothingOfAUserWithoutLimits) {
  EXPECT_EQ(ask(Operation::status), (ByteVector{1, 0}));
}

TEST_P(OperationsOf, RefuseWhatIsNotServed) {
  for (const int number : {1, 2, 3, 4, 6, 255}) {
    Client client(*this, {*IpAddress::parse("255.255.255.255"), static_cast<std::uint16_t>(0x5300 + number)}, {});
    pass(50ms);
    SCOPED_TRACE(number);
    expect_refused(client, Reply::command_not_supported);
  }
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_P(OperationsOf, AreOrdinaryTargetsWithoutAMark) {
  Peer client(network, kOwn);
  serve_to(client);
  client.say(request(pair::target_of(Operation::hello), {}).flight);
  pass(50ms);
  EXPECT_TRUE(client.hear().empty());
  EXPECT_TRUE(client.heard_end());
  EXPECT_EQ(env.counters.denied.read(), 1U);
  client.finish();
}

TEST_P(OperationsOf, AreOrdinaryTargetsWithTheExtensionOff) {
  extension = false;
  Client client(*this, pair::target_of(Operation::hello), {});
  pass(50ms);
  EXPECT_TRUE(client.peer.hear().empty());
  EXPECT_TRUE(client.peer.heard_end());
  EXPECT_EQ(env.counters.denied.read(), 1U);
  client.peer.finish();
}

TEST_P(OperationsOf, EchoEveryByteAndTheEnd) {
  speedtest = true;
  Client client(*this, pair::target_of(Operation::echo), counting(300));
  const ByteVector wire = sealed(client, counting(200'000, 300));
  for (ConstBytes left = wire; !left.empty();) {
    left = left.subspan(client.peer.offer(left));
    pass(10ms);
    client.peer.hear();
  }
  client.peer.finish();
  for (int i = 0; i < 50; ++i) {
    pass(20ms);
    client.peer.hear();
  }
  expect_frame(client, Reply::succeeded);
  EXPECT_EQ(raw(client), counting(200'300));
  EXPECT_TRUE(client.peer.heard_end());
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_P(OperationsOf, HoldAnEchoBackWhereTheClientDoesNotRead) {
  speedtest = true;
  Client client(*this, pair::target_of(Operation::echo), {});
  client.peer.near().takes_nothing = true;
  const ByteVector wire = sealed(client, counting(1'000'000));
  ConstBytes left = wire;
  for (int i = 0; i < 100 && !left.empty(); ++i) {
    left = left.subspan(client.peer.offer(left));
    pass(10ms);
  }
  EXPECT_GT(left.size(), 300'000U) << "no more is read";
  EXPECT_LE(env.held_total.read(), 4 * relay::kMaxHeld);
  client.peer.reset();
}

TEST_P(OperationsOf, SourceZerosUntilTheClientEnds) {
  speedtest = true;
  Client client(*this, pair::target_of(Operation::source), {});
  pass(100ms);
  EXPECT_LE(env.held_total.read(), 2 * relay::kMaxHeld) << "nobody reads";
  for (int i = 0; i < 50; ++i) {
    client.peer.hear();
    pass(5ms);
  }
  client.peer.finish();
  for (int i = 0; i < 50; ++i) {
    pass(20ms);
    client.peer.hear();
  }
  expect_frame(client, Reply::succeeded);
  const ByteVector zeros = raw(client);
  EXPECT_GT(zeros.size(), 300'000U);
  EXPECT_EQ(zeros, ByteVector(zeros.size()));
  EXPECT_TRUE(client.opening.may_end());
  EXPECT_TRUE(client.peer.heard_end());
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_P(OperationsOf, SinkWhatComesUntilTheClientEnds) {
  speedtest = true;
  Client client(*this, pair::target_of(Operation::sink), counting(300));
  const ByteVector wire = sealed(client, counting(500'000));
  for (ConstBytes left = wire; !left.empty(); pass(10ms)) left = left.subspan(client.peer.offer(left));
  expect_frame(client, Reply::succeeded);
  EXPECT_FALSE(client.peer.heard_end());
  EXPECT_EQ(env.counters.bytes_up.read(), 500'300U);
  client.peer.finish();
  pass(100ms);
  EXPECT_TRUE(raw(client).empty());
  EXPECT_TRUE(client.peer.heard_end());
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_P(OperationsOf, EndASpeedTestWithItsClient) {
  speedtest = true;
  for (const Operation operation : {Operation::echo, Operation::source, Operation::sink}) {
    Client client(*this, pair::target_of(operation), {});
    pass(50ms);
    EXPECT_EQ(sessions.size(), 1U);
    client.peer.reset();
    pass(6s);
    EXPECT_EQ(sessions.size(), 0U);
  }
}

}  // namespace
}  // namespace ss::server
