// What holds for the packets of every method, with one key and with users, on every back end: client and server
// understand each other, and nobody else.
#include <gtest/gtest.h>

#include "unit/protocol/packet_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

const TargetAddress kTarget = target("127.0.0.1:18080");
const Endpoint kSource{*IpAddress::parse("192.0.2.7"), 443};

class Packet : public ::testing::TestWithParam<std::tuple<cipher::Backend, PairConfig>> {
 protected:
  void SetUp() override {
    if (!cipher::use_backend(std::get<0>(GetParam()))) GTEST_SKIP() << "this build or processor lacks the back end";
  }
  static const PairConfig& config() { return std::get<1>(GetParam()); }
  static bool is_2022() { return method(config().method).is_2022(); }
};

class SealedPacket : public Packet {};

/// Everything that must stay when a packet is refused.
struct State {
  explicit State(const PacketPair& pair)
      : sessions(pair.sessions.size()),
        client_salts(pair.client_salts.size()),
        server_salts(pair.server_salts.size()) {}
  std::size_t sessions, client_salts, server_salts;
  friend bool operator==(const State&, const State&) = default;
};

TEST_P(Packet, CarriesEveryKindOfTargetAndSource) {
  PacketPair pair(config());
  for (const char* to : {"127.0.0.1:1", "[2001:db8::1]:65535", "example.com:443", "8.8.8.8:53"}) {
    for (const std::size_t size : {0U, 1U, 899U, 1472U, 60'000U}) {
      SCOPED_TRACE(std::string(to) + " " + std::to_string(size));
      const ByteVector payload = pattern(size, 7);
      ByteVector packet = pair.seal(target(to), payload);
      const Result<ClientPacket> opened = pair.open(packet);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->user, config().user);
      EXPECT_EQ(opened->content.address, target(to));
      EXPECT_EQ(copy(opened->content.payload), payload);
      EXPECT_EQ(copy(opened->content.addressed), joined(address_of(target(to)), payload));

      for (const char* from : {"127.0.0.1", "2001:db8::1", "::ffff:192.0.2.1"}) {
        const Endpoint source{*IpAddress::parse(from), 53};
        ByteVector answer = pair.answer(*opened->session, source, payload);
        const Result<PacketContent> content = pair.open_answer(answer);
        ASSERT_TRUE(content) << from;
        // In the form that was given: an IPv4-mapped address stays one.
        EXPECT_EQ(content->address, TargetAddress(source.address, source.port));
        EXPECT_EQ(copy(content->payload), payload);
      }
    }
  }
  EXPECT_EQ(pair.sessions.size(), 1U);
}

TEST_P(SealedPacket, NeverLooksTheSameTwice) {
  PacketPair pair(config());
  ByteVector first = pair.seal(kTarget, pattern(20));
  EXPECT_NE(pair.seal(kTarget, pattern(20)), first);
  const auto opened = pair.open(first);
  ASSERT_TRUE(opened);
  EXPECT_NE(pair.answer(*opened->session, kSource, pattern(20)), pair.answer(*opened->session, kSource, pattern(20)));
}

TEST_P(SealedPacket, RefusesReplays) {
  PacketPair pair(config());
  const Errc repeated = is_2022() ? Errc::repeated_packet : Errc::repeated_salt;
  const ByteVector first = pair.seal(kTarget, pattern(20));
  const ByteVector second = pair.seal(kTarget, pattern(20));
  for (const ByteVector& packet : {second, first}) EXPECT_FALSE(pair.refusal(packet));
  for (const ByteVector& packet : {first, second}) EXPECT_EQ(pair.refusal(packet), repeated);

  ByteVector third = pair.seal(kTarget, pattern(20));
  ServerPacketSession& session = *pair.open(third)->session;
  const ByteVector answer = pair.answer(session, kSource, pattern(20));
  EXPECT_FALSE(pair.answer_refusal(answer));
  EXPECT_EQ(pair.answer_refusal(answer), repeated);
}

TEST_P(SealedPacket, RefusesPacketsSentBackToTheirSender) {
  PacketPair pair(config());
  const ByteVector packet = pair.seal(kTarget, pattern(20));
  EXPECT_TRUE(pair.answer_refusal(packet));
  ByteVector opening = packet;
  ServerPacketSession& session = *pair.open(opening)->session;
  const ByteVector answer = pair.answer(session, kSource, pattern(20));
  EXPECT_TRUE(pair.refusal(answer));
  EXPECT_FALSE(pair.answer_refusal(answer));
}

TEST_P(SealedPacket, RefusesEveryFlippedBitAndChangesNothing) {
  PacketPair pair(config());
  // Once the packet begins a session, once it goes on with one.
  for (int round = 0; round < 2; ++round) {
    const ByteVector packet = pair.seal(kTarget, pattern(3));
    const State before(pair);
    for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
      ByteVector bent = packet;
      bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ 1U << bit % 8);
      const auto error = pair.refusal(bent);
      ASSERT_TRUE(error == Errc::auth_failed || error == Errc::unknown_user) << bit;
    }
    EXPECT_EQ(State(pair), before);
    ByteVector opening = packet;
    const Result<ClientPacket> opened = pair.open(opening);
    ASSERT_TRUE(opened);

    const ByteVector answer = pair.answer(*opened->session, kSource, pattern(3));
    const State sealed(pair);
    for (std::size_t bit = 0; bit < answer.size() * 8; ++bit) {
      ByteVector bent = answer;
      bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ 1U << bit % 8);
      ASSERT_EQ(pair.answer_refusal(bent), Errc::auth_failed) << bit;
    }
    EXPECT_EQ(State(pair), sealed);
    EXPECT_FALSE(pair.answer_refusal(answer));
  }
}

TEST_P(SealedPacket, RefusesEveryPartOfAPacketAndChangesNothing) {
  PacketPair pair(config());
  for (int round = 0; round < 2; ++round) {
    const ByteVector packet = pair.seal(kTarget, pattern(30));
    const State before(pair);
    for (std::size_t length = 0; length < packet.size(); ++length) {
      ASSERT_TRUE(pair.refusal(ConstBytes(packet).first(length))) << length;
    }
    EXPECT_TRUE(pair.refusal(joined(packet, pattern(1))));
    EXPECT_EQ(State(pair), before);
    ByteVector opening = packet;
    const Result<ClientPacket> opened = pair.open(opening);
    ASSERT_TRUE(opened);

    const ByteVector answer = pair.answer(*opened->session, kSource, pattern(30));
    const State sealed(pair);
    for (std::size_t length = 0; length < answer.size(); ++length) {
      ASSERT_TRUE(pair.answer_refusal(ConstBytes(answer).first(length))) << length;
    }
    EXPECT_EQ(State(pair), sealed);
    EXPECT_FALSE(pair.answer_refusal(answer));
  }
}

TEST_P(SealedPacket, RefusesGarbageOfEveryLengthAndChangesNothing) {
  PacketPair pair(config());
  const State before(pair);
  ScriptedEntropy random;
  ByteVector garbage(kMaxDatagram);
  random.fill(garbage);
  for (std::size_t length = 0; length <= 2000; ++length) {
    ASSERT_TRUE(pair.refusal(ConstBytes(garbage).last(length))) << length;
    ASSERT_TRUE(pair.answer_refusal(ConstBytes(garbage).last(length))) << length;
  }
  EXPECT_TRUE(pair.refusal(garbage));
  EXPECT_TRUE(pair.answer_refusal(garbage));
  EXPECT_EQ(State(pair), before);
  EXPECT_FALSE(pair.refusal(pair.seal(kTarget, pattern(5))));
}

TEST_P(SealedPacket, RefusesTheKeysOfAnother) {
  PacketPair pair(config());
  PairConfig stranger = config();
  const cipher::Method& its = method(config().method);
  stranger.client = its.is_2022() ? cipher::base64(pattern(its.key_length, 77)) : "another";
  if (!config().users.empty() && its.is_2022()) stranger.client = config().server + ":" + stranger.client;
  PacketPair other(stranger);
  const auto error = pair.refusal(other.seal(kTarget, pattern(5)));
  EXPECT_EQ(error, config().users.empty() ? Errc::auth_failed : Errc::unknown_user);
}

TEST_P(Packet, RefusesPort0) {
  PacketPair pair(config());
  const State before(pair);
  EXPECT_EQ(pair.refusal(pair.seal(target("1.2.3.4:0"), pattern(5))), Errc::bad_port);
  EXPECT_EQ(pair.sessions.size(), before.sessions);
  EXPECT_EQ(pair.server_salts.size(), before.server_salts);
}

std::string name_of_case(const ::testing::TestParamInfo<std::tuple<cipher::Backend, PairConfig>>& info) {
  return name_of(std::get<0>(info.param)) + "_" + std::get<1>(info.param).name;
}

std::vector<PairConfig> sealed_configs() {
  std::vector<PairConfig> all = pair_configs();
  std::erase_if(all, [](const PairConfig& each) { return method(each.method).family == cipher::Family::plain; });
  return all;
}

INSTANTIATE_TEST_SUITE_P(Methods, Packet,
                         ::testing::Combine(::testing::ValuesIn(kBackends), ::testing::ValuesIn(pair_configs())),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Methods, SealedPacket,
                         ::testing::Combine(::testing::ValuesIn(kBackends), ::testing::ValuesIn(sealed_configs())),
                         name_of_case);

}  // namespace
}  // namespace ss::protocol
