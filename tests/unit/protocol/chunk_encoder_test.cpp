#include <gtest/gtest.h>

#include "ss/protocol/chunks.hpp"
#include "ss/protocol/header2022.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

const cipher::Method& k2017 = method("aes-128-gcm");
const cipher::Method& k2022 = method("2022-blake3-aes-128-gcm");

class ChunkEncoder : public ::testing::Test {
 protected:
  RecordKey key(const cipher::Method& its) { return RecordKey::derive(its, key_, keys_, pattern(16, 7)); }
  Encoder continuing(const cipher::Method& its) { return Encoder::continuing(its, key(its)); }
  Encoder opening_2022() { return Encoder::opening_2022(k2022, key_, keys_, pattern(16, 7), pattern(16, 9)); }
  Encoder opening_2017() { return Encoder::opening_2017(k2017, key_, keys_, pattern(16, 7)); }
  RecordKey key_at(ByteVector nonce, std::uint64_t blocks = 0) {
    return {cipher::AeadKey(keys_, k2017.algorithm, key_), cipher::Nonce::starting_at(nonce), blocks};
  }

  KeyBytes key_{pattern(16)};
  cipher::KeyCache keys_{4};
  ByteVector area_ = ByteVector(300'000);
};

TEST_F(ChunkEncoder, IsSmallEnoughForEveryIdleConnection) {
  EXPECT_LE(sizeof(Encoder), 160U);
}

TEST_F(ChunkEncoder, SaysWhatStandsInFrontOfTheFirstPayload) {
  EXPECT_EQ(Encoder::plain().lead(), 0U);
  EXPECT_EQ(continuing(k2022).lead(), 18U);
  EXPECT_EQ(opening_2017().lead(), 16U + 18);
  EXPECT_EQ(opening_2022().lead(), 16U + 1 + 8 + 16 + 2 + 16);
}

TEST_F(ChunkEncoder, KnowsTheLargestChunkOfItsFamily) {
  EXPECT_EQ(continuing(k2017).max_payload(), 0x3FFFU);
  EXPECT_EQ(opening_2022().max_payload(), 0xFFFFU);
}

TEST_F(ChunkEncoder, LaysOutSlotsWithRoomForLengthAndTagBetween) {
  const Encoder encoder = opening_2017();
  const auto layout = encoder.layout(area_, 2500, 1000);
  ASSERT_EQ(layout.count, 3U);
  EXPECT_EQ(layout.slots[0].data(), area_.data() + encoder.lead());
  EXPECT_EQ(layout.slots[0].size(), 1000U);
  EXPECT_EQ(layout.slots[1].data(), layout.slots[0].data() + 1000 + 16 + 18);
  EXPECT_EQ(layout.slots[2].data(), layout.slots[1].data() + 1000 + 16 + 18);
  EXPECT_EQ(layout.slots[2].size(), 500U);
}

TEST_F(ChunkEncoder, LaysOutNoMoreThanTheAreaAndTheSlotsAllow) {
  const Encoder encoder = continuing(k2017);
  const auto small = encoder.layout(Bytes(area_).first(18 + 100 + 16 + 18 + 50 + 16), 1000, 100);
  ASSERT_EQ(small.count, 2U);
  EXPECT_EQ(small.slots[1].size(), 50U);
  const auto least = encoder.layout(Bytes(area_).first(18 + 1 + 16), 1000, 100);
  ASSERT_EQ(least.count, 1U);
  EXPECT_EQ(least.slots[0].size(), 1U);
  const auto many = encoder.layout(area_, 100'000, 100);
  EXPECT_EQ(many.count, Encoder::kMaxSlots);
}

TEST_F(ChunkEncoder, LeavesOutALastSlotNotWorthItsRecords) {
  const auto layout = continuing(k2017).layout(area_, 32768, kMaxPayload2017);
  EXPECT_EQ(layout.count, 2U);  // 2 bytes would be left
  const auto alone = continuing(k2017).layout(area_, 2, kMaxPayload2017);
  ASSERT_EQ(alone.count, 1U);
  EXPECT_EQ(alone.slots[0].size(), 2U);
}

TEST_F(ChunkEncoder, GivesPlainOneSlotAndChangesNothing) {
  Encoder encoder = Encoder::plain();
  const auto layout = encoder.layout(area_, 70'000, 1000);
  ASSERT_EQ(layout.count, 1U);
  EXPECT_EQ(layout.slots[0].size(), 70'000U);
  const ByteVector payload = pattern(70'000, 3);
  EXPECT_EQ(*seal_all(encoder, payload, 1000), payload);
}

TEST_F(ChunkEncoder, SealsOneRunFromThePartlyFilledSlots) {
  for (const std::size_t payload : {1U, 999U, 1000U, 1001U, 1500U, 2000U, 3000U}) {
    Encoder encoder = continuing(k2022);
    const auto layout = encoder.layout(area_, 3000, 1000);
    const auto wire = encoder.seal(area_, layout, payload, kNow);
    ASSERT_TRUE(wire);
    EXPECT_EQ(wire->data(), area_.data());
    EXPECT_EQ(wire->size(), payload + (payload + 999) / 1000 * (18 + 16)) << payload;
  }
}

TEST_F(ChunkEncoder, OpensOnceOnly) {
  for (const bool is_2022 : {false, true}) {
    Encoder encoder = is_2022 ? opening_2022() : opening_2017();
    const std::size_t lead = encoder.lead();
    EXPECT_EQ(seal_all(encoder, pattern(100), 1000)->size(), lead + 100 + 16);
    EXPECT_EQ(encoder.lead(), 18U);
    EXPECT_EQ(seal_all(encoder, pattern(100), 1000)->size(), 18U + 100 + 16);
  }
}

TEST_F(ChunkEncoder, CarriesTheNonceOnOverAnyBatches) {
  const ByteVector payload = pattern(5000);
  Encoder together = continuing(k2017);
  const ByteVector wire = *seal_all(together, payload, 500);
  Encoder apart = continuing(k2017);
  EXPECT_EQ(*seal_all(apart, payload, 500, 500), wire);
}

TEST_F(ChunkEncoder, RefusesToWrapTheNonceAndStaysRefused) {
  ByteVector last(12, 0xFF);
  last[0] = 0xFE;  // two records are left
  Encoder encoder = Encoder::continuing(k2017, key_at(last));
  EXPECT_TRUE(seal_all(encoder, pattern(10), 100));
  EXPECT_EQ(seal_all(encoder, pattern(10), 100).error(), Errc::nonce_spent);
  EXPECT_EQ(seal_all(encoder, pattern(10), 100).error(), Errc::nonce_spent);
}

TEST_F(ChunkEncoder, SealsNoPayloadBehindALengthThatTookTheLastNonce) {
  Encoder encoder = Encoder::continuing(k2017, key_at(ByteVector(12, 0xFF)));
  EXPECT_EQ(seal_all(encoder, pattern(10), 100).error(), Errc::nonce_spent);
}

TEST_F(ChunkEncoder, StopsWhereTheKeyIsWorn) {
  Encoder fresh = Encoder::continuing(k2017, key_at(ByteVector(12, 0), RecordKey::kMaxBlocks - 1000));
  EXPECT_TRUE(seal_all(fresh, pattern(1000), 1000));
  Encoder worn = Encoder::continuing(k2017, key_at(ByteVector(12, 0), RecordKey::kMaxBlocks - 3));
  EXPECT_TRUE(seal_all(worn, pattern(1), 1000));
  EXPECT_EQ(seal_all(worn, pattern(1), 1000).error(), Errc::nonce_spent);
}

}  // namespace
}  // namespace ss::protocol
