#include <gtest/gtest.h>

#include <limits>

#include "ss/protocol/server_packets.hpp"
#include "unit/protocol/packet_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

const std::string kPsk = cipher::base64(pattern(16));
const std::string kUser = cipher::base64(pattern(16, 1));
const std::string kPsk32 = cipher::base64(pattern(32));
const PairConfig k2017{"", "aes-128-gcm", "barfoo!", "barfoo!", {}, 0};
const PairConfig k2017Users{"", "aes-128-gcm", "two", "server", {"one", "two"}, 1};
const PairConfig k2022{"", "2022-blake3-aes-128-gcm", kPsk, kPsk, {}, 0};
const PairConfig k2022Users{"", "2022-blake3-aes-128-gcm", kPsk + ":" + kUser, kPsk, {kUser}, 0};
const PairConfig kChacha{"", "2022-blake3-chacha20-poly1305", kPsk32, kPsk32, {}, 0};
const PairConfig k2022All[] = {k2022, k2022Users, kChacha};
const Endpoint kSource{*IpAddress::parse("192.0.2.7"), 443};
const Endpoint kDns{*IpAddress::parse("192.0.2.7"), 53};

ServerPacketSession& begin_session(PacketPair& pair) {
  ByteVector packet = pair.seal(target("127.0.0.1:80"), pattern(3));
  return *pair.open(packet)->session;
}

/// The separate header of an answer.
SeparateHeader separate_of(const PairConfig& config, ConstBytes answer) {
  const ClientCredentials credentials = client_credentials(config);
  if (credentials.method().identity_headers) {
    SeparateHeader::Block block;
    cipher::AesBlock(credentials.key()).decrypt(answer.first(16), block);
    return SeparateHeader::parse(block);
  }
  cipher::KeyCache keys(2);
  cipher::AeadKey key(keys, cipher::Algorithm::xchacha20_poly1305, credentials.key());
  ByteVector bytes = copy(answer);
  return open_chacha_packet(key, bytes)->separate;
}

TEST(ServerPacketSessionSeal, DrawsASessionIdThatIsNot0AndCountsFrom0) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    ByteVector packet = pair.seal(target("127.0.0.1:80"), pattern(3));
    pair.entropy.then(ByteVector(8));
    pair.entropy.then(pattern(8, 1));
    ServerPacketSession& session = *pair.open(packet)->session;
    EXPECT_TRUE(pair.entropy.used_up());
    for (std::uint64_t id = 0; id < 3; ++id) {
      const SeparateHeader separate = separate_of(config, pair.answer(session, kSource, pattern(5)));
      EXPECT_EQ(separate.session_id, 0x0102030405060708U);
      EXPECT_EQ(separate.packet_id, id);
    }
  }
}

TEST(ServerPacketSessionSeal, EndsWhereTheCounterIsSpent) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    ServerPacketSession& session = begin_session(pair);
    ServerPacketSessionProbe::set_next(session, std::numeric_limits<std::uint64_t>::max() - 1);
    EXPECT_FALSE(pair.answer_refusal(pair.answer(session, kSource, pattern(5))));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(pair.answer(session, kSource, pattern(5)).size(), 0U);
  }
}

TEST(ServerPacketSessionSeal, PadsWhatComesFromPort53) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    ServerPacketSession& session = begin_session(pair);
    const std::size_t bare = pair.answer(session, kSource, pattern(1)).size() - 1;
    EXPECT_EQ(pair.answer(session, kSource, pattern(500)).size(), bare + 500);
    pair.entropy.then_uniform(0, 800, 123);
    const ByteVector answer = pair.answer(session, kDns, pattern(100));
    EXPECT_EQ(answer.size(), bare + 100 + 123);
    EXPECT_FALSE(pair.answer_refusal(answer));
    EXPECT_EQ(pair.answer(session, kDns, pattern(1400)).size(), bare + 1400);
  }
}

TEST(ServerPacketSessionSeal, AnswersItsOwnClientAlone) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    PacketPair other(config);
    ClientPacketSession second(other.client_keys);
    const ByteVector answer = pair.answer(begin_session(pair), kSource, pattern(5));
    ByteVector bytes = answer;
    const auto opened = second.open(bytes, kNow, MonoTime{});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), Errc::foreign_session);
    EXPECT_FALSE(pair.answer_refusal(answer));
  }
}

TEST(ServerPacketSessionSeal, MarksItsSip004SaltsSoThatAReflectedAnswerIsRefused) {
  for (const PairConfig& config : {k2017, k2017Users}) {
    PacketPair pair(config);
    const ByteVector answer = pair.answer(begin_session(pair), kSource, pattern(5));
    EXPECT_EQ(pair.refusal(answer), Errc::repeated_salt);
    // By a server that was started since, too.
    PacketPair restarted(config);
    EXPECT_EQ(restarted.refusal(answer), Errc::repeated_salt);
    EXPECT_FALSE(restarted.answer_refusal(answer));
  }
}

TEST(ServerPacketSessionMove, KeepsKeysAndCounter) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    ServerPacketSession& session = begin_session(pair);
    ASSERT_FALSE(pair.answer_refusal(pair.answer(session, kSource, pattern(5))));
    ServerPacketSession moved = std::move(session);
    EXPECT_FALSE(pair.answer_refusal(pair.answer(moved, kSource, pattern(5))));
  }
}

}  // namespace
}  // namespace ss::protocol
