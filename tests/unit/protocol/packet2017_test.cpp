#include "ss/protocol/packet2017.hpp"

#include <gtest/gtest.h>

#include "unit/protocol/packet_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

const cipher::Method& k128 = method("aes-128-gcm");
const KeyBytes kKey(pattern(16));
const ByteVector kAddress = address_of(target("127.0.0.1:80"));

struct Sealing {
  ByteVector packet() {
    ByteVector bytes = pattern(16, 9);
    bytes.resize(16 + kAddress.size() + 10 + 16);
    EXPECT_EQ(seal_packet_2017(k128, kKey, keys, kAddress, pattern(10), bytes), bytes.size());
    return bytes;
  }
  cipher::KeyCache keys{2};
};

TEST(Packet2017Seal, LeavesTheSaltInFront) {
  Sealing sealing;
  EXPECT_EQ(copy(ConstBytes(sealing.packet()).first(16)), pattern(16, 9));
}

TEST(Packet2017Open, GivesTheTextBack) {
  Sealing sealing;
  ByteVector packet = sealing.packet();
  ASSERT_TRUE(open_packet_2017(k128, kKey, sealing.keys, packet));
  EXPECT_EQ(copy(sealed_text_2017(k128, packet)), joined(kAddress, pattern(10)));
}

TEST(Packet2017Open, RefusesAnotherKey) {
  Sealing sealing;
  ByteVector packet = sealing.packet();
  EXPECT_FALSE(open_packet_2017(k128, KeyBytes(pattern(16, 1)), sealing.keys, packet));
}

TEST(Packet2017Try, LeavesThePacketAsItIs) {
  Sealing sealing;
  const ByteVector packet = sealing.packet();
  ByteVector copied = packet;
  ByteVector out(sealed_text_2017(k128, copied).size());
  EXPECT_FALSE(try_packet_2017(k128, KeyBytes(pattern(16, 1)), sealing.keys, copied, out));
  EXPECT_TRUE(try_packet_2017(k128, kKey, sealing.keys, copied, out));
  EXPECT_EQ(copied, packet);
  EXPECT_EQ(out, joined(kAddress, pattern(10)));
}

TEST(Packet2017SealedText, IsEmptyWhereThePacketIsTooShort) {
  for (std::size_t length = 0; length <= 32; ++length) {
    ByteVector packet(length);
    EXPECT_TRUE(sealed_text_2017(k128, packet).empty()) << length;
  }
  ByteVector packet(33);
  EXPECT_EQ(sealed_text_2017(k128, packet).size(), 1U);
}

}  // namespace
}  // namespace ss::protocol
