#include "ss/protocol/server_packets.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "ss/protocol/packet2017.hpp"
#include "unit/protocol/packet_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

const TargetAddress kTarget = target("127.0.0.1:18080");
const ByteVector kAddress = address_of(kTarget);

const std::string kPsk = cipher::base64(pattern(16));
const std::string kPsk32 = cipher::base64(pattern(32));
const std::string kUsers[] = {cipher::base64(pattern(16, 1)), cipher::base64(pattern(16, 2))};
const PairConfig kPlain{"", "none", "", "", {}, 0};
const PairConfig k2017{"", "aes-128-gcm", "barfoo!", "barfoo!", {}, 0};
const PairConfig k2017Users{"", "aes-128-gcm", "three", "server", {"one", "two", "three"}, 2};
const PairConfig k2022{"", "2022-blake3-aes-128-gcm", kPsk, kPsk, {}, 0};
const PairConfig k2022Users{"", "2022-blake3-aes-128-gcm", kPsk + ":" + kUsers[0], kPsk, {kUsers[0], kUsers[1]}, 0};
const PairConfig kChacha{"", "2022-blake3-chacha20-poly1305", kPsk32, kPsk32, {}, 0};
const PairConfig k2022All[] = {k2022, k2022Users, kChacha};

ByteVector packet(const PairConfig& config, std::uint64_t session, std::uint64_t id, UnixSeconds stamp = kNow) {
  const ByteVector body = body_of({{}, {HeaderType::request, stamp, 0}, 0, kAddress, bytes_of("payload")});
  return forge(config, HeaderType::request, {session, id}, body);
}

TEST(ServerPacketsOpen, JudgesTheClock) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    for (const UnixSeconds stamp : {kNow - 31, kNow + 31, UnixSeconds{1} << 63, ~UnixSeconds{0}}) {
      EXPECT_EQ(pair.refusal(packet(config, 5, 0, stamp)), Errc::bad_timestamp) << stamp;
    }
    EXPECT_EQ(pair.sessions.size(), 0U);
    std::uint64_t id = 0;
    for (const UnixSeconds stamp : {kNow - 30, kNow, kNow + 30}) {
      EXPECT_FALSE(pair.refusal(packet(config, 5, id++, stamp))) << stamp;
    }
  }
}

TEST(ServerPacketsOpen, RefusesWhatIsWrongInsideAndChangesNothing) {
  for (const PairConfig& config : k2022All) {
    for (const bool known : {false, true}) {
      PacketPair pair(config);
      if (known) {
        ASSERT_FALSE(pair.refusal(packet(config, 5, 100)));
      }
      const auto refusal = [&](const ByteVector& body) {
        return pair.refusal(forge(config, HeaderType::request, {5, 101}, body));
      };
      const PacketPlan plan{{}, {HeaderType::request, kNow, 0}, 0, kAddress, bytes_of("payload")};
      ByteVector body = body_of(plan);
      body[0] = 1;
      EXPECT_EQ(refusal(body), Errc::bad_header_type);
      body = body_of(plan);
      put_u16be(body.data() + 9, 5000);
      EXPECT_EQ(refusal(body), Errc::bad_padding);
      body = body_of(plan);
      body[11] = 2;
      EXPECT_EQ(refusal(body), Errc::bad_address_type);
      body = body_of(plan);
      body[16] = body[17] = 0;
      EXPECT_EQ(refusal(body), Errc::bad_port);
      EXPECT_EQ(refusal(joined(ConstBytes(body).first(11), of_hex(std::string("0302610050")))), Errc::bad_domain);
      EXPECT_EQ(refusal(copy(ConstBytes(body).first(17))), Errc::truncated);
      EXPECT_EQ(pair.sessions.size(), known ? 1U : 0U);
      EXPECT_FALSE(refusal(body_of(plan)));
      EXPECT_EQ(refusal(body_of(plan)), Errc::repeated_packet);
      EXPECT_EQ(pair.sessions.size(), 1U);
    }
  }
}

TEST(ServerPacketsOpen, TakesAnyFirstPacketIdAndAnyOrder) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    for (const std::uint64_t id : {1'000'000U, 999'000U, 999'999U, 1'001'000U}) {
      EXPECT_FALSE(pair.refusal(packet(config, 5, id))) << id;
    }
    EXPECT_EQ(pair.refusal(packet(config, 5, 1'001'000 - SlidingWindow::kSize - 1)), Errc::repeated_packet);
    EXPECT_FALSE(pair.refusal(packet(config, 5, std::numeric_limits<std::uint64_t>::max())));
    EXPECT_EQ(pair.refusal(packet(config, 5, 0)), Errc::repeated_packet);
  }
}

TEST(ServerPacketsOpen, FindsTheSessionThatItNames) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    for (const std::uint64_t session : {5U, 6U}) {
      ByteVector first = packet(config, session, 0);
      EXPECT_EQ(pair.server.open(first, kNow, MonoTime{}, pair.sessions)->session, nullptr);
      EXPECT_FALSE(pair.refusal(packet(config, session, 0)));
      ByteVector second = packet(config, session, 1);
      const auto opened = pair.server.open(second, kNow, MonoTime{}, pair.sessions);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->session, pair.sessions.find(config.user, session));
      EXPECT_EQ(opened->session->client_session_id(), session);
    }
  }
}

TEST(ServerPacketsOpen, KeepsUsersWithOneSessionIdApart) {
  PairConfig other = k2022Users;
  other.client = kPsk + ":" + kUsers[1];
  PacketPair pair(k2022Users);
  for (const PairConfig& config : {k2022Users, other}) {
    EXPECT_FALSE(pair.refusal(packet(config, 5, 0)));
    EXPECT_EQ(pair.refusal(packet(config, 5, 0)), Errc::repeated_packet);
  }
  EXPECT_EQ(pair.sessions.size(), 2U);
  EXPECT_EQ(pair.sessions.find(0, 5)->user(), 0U);
  EXPECT_EQ(pair.sessions.find(1, 5)->user(), 1U);
}

TEST(ServerPacketsOpen, RefusesUsersThatItDoesNotKnow) {
  PairConfig stranger = k2022Users;
  stranger.client = kPsk + ":" + cipher::base64(pattern(16, 9));
  PacketPair pair(k2022Users);
  EXPECT_EQ(pair.refusal(packet(stranger, 5, 0)), Errc::unknown_user);
  // With users the server's key alone is not served.
  EXPECT_TRUE(pair.refusal(packet(k2022, 5, 0)));
  EXPECT_EQ(pair.sessions.size(), 0U);
}

TEST(ServerPacketsOpen, RefusesARightHeaderInFrontOfAnotherUsersBody) {
  PairConfig other = k2022Users;
  other.client = kPsk + ":" + kUsers[1];
  PacketPair pair(k2022Users);
  const ByteVector theirs = packet(k2022Users, 5, 0);
  ByteVector mixed = packet(other, 5, 0);
  std::copy_n(theirs.begin(), 32, mixed.begin());
  EXPECT_EQ(pair.refusal(mixed), Errc::auth_failed);
  EXPECT_FALSE(pair.refusal(theirs));
}

TEST(ServerPacketsOpen, FindsSip004UsersByTrying) {
  for (std::size_t user = 0; user < k2017Users.users.size(); ++user) {
    PairConfig config = k2017Users;
    config.client = config.users[user];
    // Whoever is tried first, also nobody.
    for (std::size_t likely = 0; likely <= k2017Users.users.size(); ++likely) {
      PacketPair pair(config);
      ByteVector bytes = pair.seal(kTarget, pattern(20));
      const auto opened = pair.open(bytes, kNow, likely);
      ASSERT_TRUE(opened) << user << likely;
      EXPECT_EQ(opened->user, user);
      EXPECT_EQ(opened->content.address, kTarget);
      EXPECT_EQ(copy(opened->content.payload), pattern(20));
      EXPECT_EQ(opened->content.addressed.data(), bytes.data() + 16);
    }
  }
}

TEST(ServerPacketsOpen, OpensTheLongestSip004PacketOfAUser) {
  PacketPair pair(k2017Users);
  ByteVector bytes = pair.seal(kTarget, pattern(kMaxDatagram - 16 - 7 - 16));
  ASSERT_EQ(bytes.size(), kMaxDatagram);
  const auto opened = pair.open(bytes);
  ASSERT_TRUE(opened);
  EXPECT_EQ(copy(opened->content.payload), pattern(kMaxDatagram - 16 - 7 - 16));
  EXPECT_TRUE(pair.refusal(ByteVector(2 * kMaxDatagram, 1)));
}

TEST(ServerPacketsOpen, PutsASip004SaltInLast) {
  for (const PairConfig& config : {k2017, k2017Users}) {
    PacketPair pair(config);
    // Authentic, but of no use: its salt may not be burnt.
    for (const char* bad : {"0200", "0300", "0302610050", "017f0000010000", "017f000001"}) {
      ByteVector bytes(100);
      const ByteVector text = of_hex(std::string(bad));
      bytes.resize(seal_packet_2017(method(config.method), pair.client_credentials.key(), pair.keys, text, {}, bytes));
      EXPECT_TRUE(pair.refusal(bytes)) << bad;
    }
    EXPECT_EQ(pair.server_salts.size(), 0U);
    const ByteVector good = pair.seal(kTarget, pattern(3));
    EXPECT_FALSE(pair.refusal(good));
    EXPECT_EQ(pair.server_salts.size(), 1U);
    EXPECT_EQ(pair.refusal(good), Errc::repeated_salt);
  }
}

TEST(ServerPacketsOpen, ReadsPlainPackets) {
  PacketPair pair(kPlain);
  ByteVector bytes = pair.seal(kTarget, pattern(20));
  EXPECT_EQ(bytes, joined(kAddress, pattern(20)));
  const auto opened = pair.server.open(bytes, kNow, MonoTime{}, pair.sessions);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->session, nullptr);
  EXPECT_EQ(copy(opened->content.payload), pattern(20));
  EXPECT_EQ(pair.refusal(of_hex(std::string("05"))), Errc::bad_address_type);
  EXPECT_EQ(pair.refusal({}), Errc::truncated);
  EXPECT_EQ(pair.server_salts.size(), 0U);
}

TEST(ServerPacketsOpen, OpensNoSessionWithAStampOfBeforeWhatIsForgotten) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    ASSERT_FALSE(pair.refusal(packet(config, 5, 0, kNow - 2)));
    pair.server_stamps.forget(kNow - 1);
    EXPECT_EQ(pair.refusal(packet(config, 6, 0, kNow - 1)), Errc::forgotten_stamp);
    EXPECT_EQ(pair.sessions.size(), 1U);
    EXPECT_FALSE(pair.refusal(packet(config, 5, 1, kNow - 1))) << "of a session whose window is known";
    EXPECT_FALSE(pair.refusal(packet(config, 6, 0, kNow)));
  }
}

TEST(ServerPacketsOpen, NotesTheNewestStampOfTheSession) {
  for (const PairConfig& config : k2022All) {
    PacketPair pair(config);
    ASSERT_FALSE(pair.refusal(packet(config, 5, 0, kNow)));
    ASSERT_FALSE(pair.refusal(packet(config, 5, 1, kNow + 7)));
    ASSERT_FALSE(pair.refusal(packet(config, 5, 2, kNow - 7)));
    EXPECT_EQ(pair.sessions.find(config.user, 5)->newest_stamp(), kNow + 7);
  }
}

}  // namespace
}  // namespace ss::protocol
