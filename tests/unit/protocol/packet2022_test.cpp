#include "ss/protocol/packet2022.hpp"

#include <gtest/gtest.h>

#include "unit/protocol/packet_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

const ByteVector kAddress = address_of(target("127.0.0.1:80"));

PacketPlan plan_of(HeaderType type, std::size_t padding, ConstBytes payload) {
  return {{1, 2}, {type, kNow, 0x0102030405060708}, padding, kAddress, payload};
}

Errc refusal(Bytes body, HeaderType type, std::uint64_t session_id = 0x0102030405060708) {
  const Result<PacketContent> content = parse_body(body, type, kNow, session_id);
  EXPECT_FALSE(content);
  return content ? Errc::too_long : content.error();
}

TEST(Packet2022SeparateHeader, HasEightBytesEach) {
  const SeparateHeader header{0x0102030405060708, 0xA1A2A3A4A5A6A7A8};
  const SeparateHeader::Block block = header.block();
  EXPECT_EQ(copy(block), of_hex(std::string("0102030405060708a1a2a3a4a5a6a7a8")));
  const SeparateHeader parsed = SeparateHeader::parse(block);
  EXPECT_EQ(parsed.session_id, header.session_id);
  EXPECT_EQ(parsed.packet_id, header.packet_id);
}

TEST(Packet2022PutBody, ParsesBack) {
  for (const HeaderType type : {HeaderType::request, HeaderType::response}) {
    for (const std::size_t padding : {0U, 1U, 900U}) {
      for (const std::size_t size : {0U, 1U, 1200U}) {
        const ByteVector payload = pattern(size);
        ByteVector body = body_of(plan_of(type, padding, payload));
        const Result<PacketContent> content = parse_body(body, type, kNow, 0x0102030405060708);
        ASSERT_TRUE(content) << padding << " " << size;
        EXPECT_EQ(content->address, target("127.0.0.1:80"));
        EXPECT_EQ(copy(content->payload), payload);
        EXPECT_EQ(content->addressed.size(), kAddress.size() + size);
      }
    }
  }
}

TEST(Packet2022ParseBody, TakesOverLongPaddingInsideThePacket) {
  ByteVector body = body_of(plan_of(HeaderType::request, 900, pattern(3)));
  body.insert(body.begin() + 11, 5000, 0);
  put_u16be(body.data() + 9, 5900);
  EXPECT_TRUE(parse_body(body, HeaderType::request, kNow));
}

TEST(Packet2022ParseBody, JudgesTheClock) {
  for (const HeaderType type : {HeaderType::request, HeaderType::response}) {
    ByteVector body = body_of(plan_of(type, 0, pattern(3)));
    for (const UnixSeconds stamp : {kNow - 30, kNow, kNow + 30}) {
      put_u64be(body.data() + 1, stamp);
      EXPECT_TRUE(parse_body(body, type, kNow, 0x0102030405060708)) << stamp;
    }
    for (const UnixSeconds stamp : {UnixSeconds{0}, kNow - 31, kNow + 31, UnixSeconds{1} << 63, ~UnixSeconds{0}}) {
      put_u64be(body.data() + 1, stamp);
      EXPECT_EQ(refusal(body, type), Errc::bad_timestamp) << stamp;
    }
  }
}

TEST(Packet2022ParseBody, RefusesOtherTypes) {
  ByteVector request = body_of(plan_of(HeaderType::request, 0, pattern(20)));
  ByteVector response = body_of(plan_of(HeaderType::response, 0, pattern(20)));
  EXPECT_EQ(refusal(request, HeaderType::response), Errc::bad_header_type);
  EXPECT_EQ(refusal(response, HeaderType::request), Errc::bad_header_type);
  request[0] = 2;
  EXPECT_EQ(refusal(request, HeaderType::request), Errc::bad_header_type);
}

TEST(Packet2022ParseBody, RefusesAnswersToAnotherSession) {
  ByteVector body = body_of(plan_of(HeaderType::response, 0, pattern(3)));
  EXPECT_EQ(refusal(body, HeaderType::response, 0x0102030405060709), Errc::foreign_session);
}

TEST(Packet2022ParseBody, RefusesPaddingBeyondTheEnd) {
  ByteVector body = body_of(plan_of(HeaderType::request, 0, pattern(3)));
  put_u16be(body.data() + 9, static_cast<std::uint16_t>(body.size() - 11 + 1));
  EXPECT_EQ(refusal(body, HeaderType::request), Errc::bad_padding);
  // Padding that takes the address with it leaves too little.
  put_u16be(body.data() + 9, static_cast<std::uint16_t>(body.size() - 11));
  EXPECT_EQ(refusal(body, HeaderType::request), Errc::truncated);
}

TEST(Packet2022ParseBody, RefusesEveryPartOfHeaderAndAddress) {
  for (const HeaderType type : {HeaderType::request, HeaderType::response}) {
    const ByteVector whole = body_of(plan_of(type, 4, {}));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      ByteVector part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const Errc error = refusal(part, type);
      EXPECT_TRUE(error == Errc::truncated || error == Errc::bad_padding) << length;
    }
  }
}

TEST(Packet2022DrawPadding, GoesByPortAndPayload) {
  ScriptedEntropy entropy;
  std::size_t least = 901;
  std::size_t most = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t padding = draw_padding(entropy, kPaddedPort, 100);
    least = std::min(least, padding);
    most = std::max(most, padding);
  }
  EXPECT_LT(least, 10U);
  EXPECT_GT(most, 790U);
  EXPECT_LE(most, 800U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(draw_padding(entropy, 80, 1), 0U);
    EXPECT_EQ(draw_padding(entropy, kPaddedPort, 900), 0U);
    EXPECT_EQ(draw_padding(entropy, kPaddedPort, 1400), 0U);
    EXPECT_LE(draw_padding(entropy, kPaddedPort, 899), 1U);
    EXPECT_GE(draw_padding(entropy, 80, 0), 1U);
    EXPECT_LE(draw_padding(entropy, 80, 0), 900U);
  }
}

TEST(Packet2022SealBody, OpensUnderItsHeaderAlone) {
  cipher::KeyCache keys(2);
  cipher::AeadKey key(keys, cipher::Algorithm::aes_128_gcm, packet_subkey(KeyBytes(pattern(16)), 1));
  ScriptedEntropy entropy;
  const ByteVector payload = pattern(10);
  const PacketPlan plan = plan_of(HeaderType::request, 0, payload);
  ByteVector sealed(plan.body_length() + 16);
  ASSERT_EQ(seal_body(plan, key, entropy, sealed), sealed.size());
  ByteVector other = sealed;
  EXPECT_EQ(open_body({1, 3}, key, other).error(), Errc::auth_failed);
  const Result<Bytes> body = open_body({1, 2}, key, sealed);
  ASSERT_TRUE(body);
  EXPECT_EQ(copy(*body), body_of(plan));
}

TEST(Packet2022SealChachaPacket, OpensAndNamesItsSession) {
  cipher::KeyCache keys(2);
  cipher::AeadKey key(keys, cipher::Algorithm::xchacha20_poly1305, KeyBytes(pattern(32)));
  ScriptedEntropy entropy;
  const ByteVector payload = pattern(10);
  const PacketPlan plan = plan_of(HeaderType::response, 0, payload);
  ByteVector packet(kPacketNonce + 16 + plan.body_length() + 16);
  ASSERT_EQ(seal_chacha_packet(plan, key, entropy, packet), packet.size());
  ByteVector bent = packet;
  bent[3] ^= 1;
  EXPECT_EQ(open_chacha_packet(key, bent).error(), Errc::auth_failed);
  const Result<ChachaPacket> opened = open_chacha_packet(key, packet);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->separate.session_id, 1U);
  EXPECT_EQ(opened->separate.packet_id, 2U);
  EXPECT_EQ(copy(opened->body), body_of(plan));
}

TEST(Packet2022Subkey, DependsOnTheSession) {
  const KeyBytes psk(pattern(16));
  EXPECT_EQ(copy(packet_subkey(psk, 1).reveal()), copy(packet_subkey(psk, 1).reveal()));
  EXPECT_NE(copy(packet_subkey(psk, 1).reveal()), copy(packet_subkey(psk, 2).reveal()));
}

}  // namespace
}  // namespace ss::protocol
