#include "ss/protocol/client_packets.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "ss/protocol/packet2017.hpp"
#include "unit/protocol/packet_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;
using std::chrono::seconds;

const std::string kPsk = cipher::base64(pattern(16));
const std::string kUser = cipher::base64(pattern(16, 1));
const std::string kPsk32 = cipher::base64(pattern(32));
const PairConfig kPlain{"", "none", "", "", {}, 0};
const PairConfig k2017{"", "aes-128-gcm", "barfoo!", "barfoo!", {}, 0};
const PairConfig k2022{"", "2022-blake3-aes-128-gcm", kPsk, kPsk, {}, 0};
const PairConfig k2022Users{"", "2022-blake3-aes-128-gcm", kPsk + ":" + kUser, kPsk, {kUser}, 0};
const PairConfig kChacha{"", "2022-blake3-chacha20-poly1305", kPsk32, kPsk32, {}, 0};
const PairConfig k2022All[] = {k2022, k2022Users, kChacha};

const ByteVector kAddress = address_of(target("127.0.0.1:80"));

std::uint64_t session_of(const PacketPair& pair) {
  return ClientPacketSessionProbe::session_id(pair.client);
}

/// A server packet for the client of `pair`.
ByteVector answer(const PairConfig& config, const PacketPair& pair, std::uint64_t server_session,
                  std::uint64_t packet_id, UnixSeconds stamp = kNow) {
  const ByteVector body =
      body_of({{}, {HeaderType::response, stamp, session_of(pair)}, 0, kAddress, bytes_of("payload")});
  return forge(config, HeaderType::response, {server_session, packet_id}, body);
}

TEST(ClientPacketsSeal, DrawsASessionIdThatIsNot0) {
  ClientCredentials credentials = client_credentials(k2022);
  cipher::KeyCache keys(2);
  ScriptedEntropy entropy;
  SaltsSeen salts;
  ClientPacketKeys packet_keys(credentials, keys, entropy, salts);
  entropy.then(ByteVector(8));
  entropy.then(pattern(8, 1));
  EXPECT_EQ(ClientPacketSessionProbe::session_id(ClientPacketSession(packet_keys)), 0x0102030405060708U);
  EXPECT_TRUE(entropy.used_up());
}

TEST(ClientPacketsSeal, CountsFrom0) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    for (std::uint64_t id = 0; id < 5; ++id) {
      ByteVector packet = pair.seal(target("127.0.0.1:80"), pattern(3));
      const auto opened = pair.open(packet);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->packet_id, id);
      EXPECT_EQ(opened->session_id, session_of(pair));
    }
  }
}

TEST(ClientPacketsSeal, GoesOnUnderANewSessionWhereTheCounterIsSpent) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    const std::uint64_t first = session_of(pair);
    for (const std::uint64_t session : {5U, 6U}) ASSERT_FALSE(pair.answer_refusal(answer(config, pair, session, 0)));
    const ByteVector late = answer(config, pair, 6, 1);
    ClientPacketSessionProbe::set_next(pair.client, std::numeric_limits<std::uint64_t>::max() - 1);
    ByteVector packet = pair.seal(target("127.0.0.1:80"), pattern(3));
    EXPECT_EQ(pair.open(packet)->packet_id, std::numeric_limits<std::uint64_t>::max() - 1);
    EXPECT_EQ(session_of(pair), first);
    packet = pair.seal(target("127.0.0.1:80"), pattern(3));
    EXPECT_EQ(pair.open(packet)->packet_id, 0U);
    EXPECT_NE(session_of(pair), first);
    EXPECT_EQ(pair.sessions.size(), 2U);
    EXPECT_EQ(pair.answer_refusal(late), Errc::foreign_session);
    // The server begins one for it too, however lately it had changed its own.
    EXPECT_FALSE(pair.answer_refusal(answer(config, pair, 7, 0)));
  }
}

TEST(ClientPacketsSeal, PadsWhatGoesToPort53OrHasNoPayload) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    const std::size_t bare = pair.seal(target("127.0.0.1:80"), pattern(1)).size() - 1;
    EXPECT_EQ(pair.seal(target("127.0.0.1:80"), pattern(500)).size(), bare + 500);
    pair.entropy.then_uniform(0, 800, 123);
    EXPECT_EQ(pair.seal(target("127.0.0.1:53"), pattern(100)).size(), bare + 100 + 123);
    pair.entropy.then_uniform(1, 900, 900);
    EXPECT_EQ(pair.seal(target("127.0.0.1:80"), {}).size(), bare + 900);
    EXPECT_EQ(pair.seal(target("127.0.0.1:53"), pattern(900)).size(), bare + 900);
  }
}

TEST(ClientPacketsSeal, NamesEachLayerToTheOneBefore) {
  // Three layers: what the first one may read names the second key, and so on to the user's.
  const std::string middle = cipher::base64(pattern(16, 50));
  PacketPair pair({"", k2022.method, kPsk + ":" + middle + ":" + kUser, middle, {kUser}, 0});
  const ByteVector packet = pair.seal(target("127.0.0.1:80"), pattern(3));
  cipher::AesBlock first{KeyBytes(pattern(16))};
  SeparateHeader::Block separate;
  std::array<std::uint8_t, 16> hash;
  first.decrypt(ConstBytes(packet).first(16), separate);
  first.decrypt(ConstBytes(packet).subspan(16, 16), hash);
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] ^= separate[i];
  EXPECT_EQ(hash, cipher::psk_hash(KeyBytes(pattern(16, 50))));
  // As a relay hands it on: without the first header, and the separate header for the next key.
  ByteVector handed_on(packet.begin() + 16, packet.end());
  cipher::AesBlock(KeyBytes(pattern(16, 50))).encrypt(separate, Bytes(handed_on).first(16));
  EXPECT_FALSE(pair.refusal(handed_on));
}

TEST(ClientPacketsOpen, JudgesTheClock) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    std::uint64_t id = 0;
    for (const UnixSeconds stamp : {kNow - 31, kNow + 31, UnixSeconds{1} << 63, ~UnixSeconds{0}}) {
      EXPECT_EQ(pair.answer_refusal(answer(config, pair, 5, id, stamp)), Errc::bad_timestamp) << stamp;
    }
    for (const UnixSeconds stamp : {kNow - 30, kNow, kNow + 30}) {
      EXPECT_FALSE(pair.answer_refusal(answer(config, pair, 5, id++, stamp))) << stamp;
    }
  }
}

TEST(ClientPacketsOpen, RefusesWhatIsWrongInsideAndChangesNothing) {
  for (const PairConfig& config : k2022All) {
    for (const bool known : {false, true}) {
      PacketPair pair(config);
      if (known) {
        ASSERT_FALSE(pair.answer_refusal(answer(config, pair, 5, 100)));
      }
      const auto refusal = [&](const ByteVector& body) {
        return pair.answer_refusal(forge(config, HeaderType::response, {5, 101}, body));
      };
      const PacketPlan plan{{}, {HeaderType::response, kNow, session_of(pair)}, 0, kAddress, bytes_of("payload")};
      ByteVector body = body_of(plan);
      body[0] = 0;
      EXPECT_EQ(refusal(body), Errc::bad_header_type);
      body = body_of(plan);
      body[9] ^= 1;
      EXPECT_EQ(refusal(body), Errc::foreign_session);
      body = body_of(plan);
      put_u16be(body.data() + 17, 5000);
      EXPECT_EQ(refusal(body), Errc::bad_padding);
      body = body_of(plan);
      body[19] = 2;
      EXPECT_EQ(refusal(body), Errc::bad_address_type);
      EXPECT_FALSE(refusal(body_of(plan)));
      EXPECT_EQ(refusal(body_of(plan)), Errc::repeated_packet);
    }
  }
}

// sing-box answers with the name that it was asked for.
TEST(ClientPacketsOpen, TakesNamesAsSourcesInEveryFamily) {
  const TargetAddress source = target("example.com:80");
  const ByteVector name = address_of(source);
  const auto expect_named = [&](PacketPair& pair, ByteVector packet) {
    const Result<PacketContent> content = pair.open_answer(packet);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->address, source);
    EXPECT_TRUE(std::equal(name.begin(), name.end(), content->addressed.begin()));
  };
  PacketPair plain(kPlain);
  expect_named(plain, joined(name, pattern(3)));
  PacketPair sealed(k2017);
  ByteVector answer = pattern(16, 9);
  answer.resize(16 + name.size() + 3 + 16);
  seal_packet_2017(method(k2017.method), sealed.client_credentials.key(), sealed.keys, name, pattern(3), answer);
  expect_named(sealed, answer);
  for (const PairConfig& config : {k2022, kChacha}) {
    PacketPair pair(config);
    const PacketPlan plan{{}, {HeaderType::response, kNow, session_of(pair)}, 0, name, bytes_of("payload")};
    expect_named(pair, forge(config, HeaderType::response, {5, 101}, body_of(plan)));
  }
}

TEST(ClientPacketsOpen, RefusesItsOwnSip004PacketsSentBack) {
  PacketPair pair(k2017);
  const ByteVector packet = pair.seal(target("127.0.0.1:80"), pattern(3));
  EXPECT_EQ(pair.answer_refusal(packet), Errc::repeated_salt);
  // By another client of that key, too.
  PacketPair other(k2017);
  EXPECT_EQ(other.answer_refusal(packet), Errc::repeated_salt);
  EXPECT_FALSE(other.refusal(packet));
}

TEST(ClientPacketsOpen, ServesTheServersCurrentSessionAndTheOneBefore) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    const MonoTime start{};
    ASSERT_FALSE(pair.answer_refusal(answer(config, pair, 1, 0), kNow, start));
    ASSERT_FALSE(pair.answer_refusal(answer(config, pair, 2, 0), kNow, start));
    for (const std::uint64_t session : {1U, 2U}) {
      EXPECT_EQ(pair.answer_refusal(answer(config, pair, session, 0)), Errc::repeated_packet);
      EXPECT_FALSE(pair.answer_refusal(answer(config, pair, session, 1)));
    }
    // One more within the lifetime is refused, and the two go on.
    const MonoTime early = start + ClientPacketSession::kServerSessionLifetime - Duration(1);
    EXPECT_EQ(pair.answer_refusal(answer(config, pair, 3, 0), kNow, early), Errc::foreign_session);
    for (const std::uint64_t session : {1U, 2U}) {
      EXPECT_FALSE(pair.answer_refusal(answer(config, pair, session, 2), kNow, early));
    }
    const MonoTime late = start + ClientPacketSession::kServerSessionLifetime;
    EXPECT_FALSE(pair.answer_refusal(answer(config, pair, 3, 0), kNow, late));
    EXPECT_FALSE(pair.answer_refusal(answer(config, pair, 2, 3), kNow, late));
    // The first has left, with its window: what it has seen may not come in again while it can be timely.
    EXPECT_EQ(pair.answer_refusal(answer(config, pair, 1, 0), kNow, late + seconds(61)), Errc::foreign_session);
  }
}

TEST(ClientPacketsOpen, KeepsItsSessionsWhereANewOneFails) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    ASSERT_FALSE(pair.answer_refusal(answer(config, pair, 1, 0)));
    // Each would begin a session if it were good.
    for (std::uint64_t session = 2; session < 10; ++session) {
      EXPECT_EQ(pair.answer_refusal(answer(config, pair, session, 0, kNow + 31)), Errc::bad_timestamp);
    }
    ASSERT_FALSE(pair.answer_refusal(answer(config, pair, 20, 0)));
    EXPECT_FALSE(pair.answer_refusal(answer(config, pair, 1, 1)));
  }
}

TEST(ClientPacketsOpen, TakesAnyFirstPacketIdAndAnyOrder) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    for (const std::uint64_t id : {1'000'000U, 999'000U, 999'999U, 1'001'000U}) {
      EXPECT_FALSE(pair.answer_refusal(answer(config, pair, 1, id))) << id;
    }
    EXPECT_EQ(pair.answer_refusal(answer(config, pair, 1, 1'001'000 - SlidingWindow::kSize - 1)),
              Errc::repeated_packet);
  }
}

}  // namespace
}  // namespace ss::protocol
