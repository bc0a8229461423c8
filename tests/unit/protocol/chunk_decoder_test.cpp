#include <gtest/gtest.h>

#include "ss/protocol/chunks.hpp"
#include "ss/protocol/header2022.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;
using cipher::kTagLength;

const cipher::Method& k2017 = method("aes-128-gcm");
const cipher::Method& k2022 = method("2022-blake3-aes-128-gcm");
const ByteVector kSalt = pattern(16, 7);
const ByteVector kRequestSalt = pattern(16, 90);

class ChunkDecoder : public ::testing::Test {
 protected:
  RecordKey key(const cipher::Method& its) { return RecordKey::derive(its, key_, keys_, kSalt); }
  Opening continuing(const cipher::Method& its) { return Opening(Decoder::continuing(its, key(its))); }
  Opening response(const cipher::Method& its) {
    return Opening(Decoder::opening(its, key_, keys_, kRequestSalt, false));
  }

  static void put_record(RecordKey& sealing, ConstBytes text, ByteVector& wire) {
    const std::size_t at = wire.size();
    wire.insert(wire.end(), text.begin(), text.end());
    wire.resize(wire.size() + kTagLength);
    sealing.seal(Bytes(wire).subspan(at, text.size()), Bytes(wire).last(kTagLength));
  }
  static void put_length(RecordKey& sealing, std::size_t length, ByteVector& wire) {
    put_record(sealing, ByteVector{static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)}, wire);
  }
  static void put_chunk(RecordKey& sealing, ConstBytes text, ByteVector& wire) {
    put_length(sealing, text.size(), wire);
    put_record(sealing, text, wire);
  }
  /// Chunks of the sizes, and the payload that they hold.
  ByteVector chunks(const cipher::Method& its, const std::vector<std::size_t>& sizes) {
    RecordKey sealing = key(its);
    ByteVector wire;
    payload_.clear();
    for (const std::size_t size : sizes) {
      const ByteVector text = pattern(size, payload_.size());
      put_chunk(sealing, text, wire);
      payload_ = joined(payload_, text);
    }
    return wire;
  }
  /// A 2022 response with the header's fields as given.
  ByteVector response_2022(HeaderType type, UnixSeconds timestamp, ConstBytes echoed, std::size_t length = 100) {
    RecordKey sealing = key(k2022);
    ByteVector header(ResponseHeader::length(16));
    put_response_header({timestamp, echoed, static_cast<std::uint16_t>(length)}, header);
    header[0] = static_cast<std::uint8_t>(type);
    ByteVector wire = kSalt;
    put_record(sealing, header, wire);
    payload_ = pattern(length);
    put_record(sealing, payload_, wire);
    return wire;
  }
  ByteVector response_2022() { return response_2022(HeaderType::response, kNow, kRequestSalt); }

  KeyBytes key_{pattern(16)};
  cipher::KeyCache keys_{4};
  ByteVector payload_;
};

TEST_F(ChunkDecoder, IsSmallEnoughForEveryIdleConnection) {
  EXPECT_LE(sizeof(Decoder), 160U);
}

TEST_F(ChunkDecoder, OpensAtEveryCut) {
  for (const cipher::Method* its : {&k2017, &k2022}) {
    const ByteVector wire = chunks(*its, {1, 30, 5});
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
      Opening opening = continuing(*its);
      ASSERT_TRUE(opening.feed(ConstBytes(wire).first(cut))) << cut;
      ASSERT_TRUE(opening.feed(ConstBytes(wire).subspan(cut))) << cut;
      ASSERT_EQ(opening.payload, payload_) << cut;
      ASSERT_TRUE(opening.may_end() && opening.all_filled) << cut;
    }
  }
}

TEST_F(ChunkDecoder, OpensByteByByte) {
  for (const std::size_t step : {1U, 2U, 17U, 18U, 19U, 1000U}) {
    const ByteVector wire = chunks(k2022, {1, 4095, 4096, 20, 5000});
    Opening opening = continuing(k2022);
    ASSERT_TRUE(opening.feed_in_steps(wire, step));
    EXPECT_EQ(opening.payload, payload_);
    EXPECT_TRUE(opening.may_end());
  }
}

TEST_F(ChunkDecoder, MayEndOnlyBetweenChunks) {
  const ByteVector wire = chunks(k2017, {10, 20});
  const std::size_t first = 18 + 10 + 16;
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    Opening opening = continuing(k2017);
    ASSERT_TRUE(opening.feed(ConstBytes(wire).first(cut)));
    EXPECT_EQ(opening.may_end(), cut == 0 || cut == first || cut == wire.size()) << cut;
  }
}

TEST_F(ChunkDecoder, RefusesEveryFlippedBitAndExposesNothing) {
  for (const cipher::Method* its : {&k2017, &k2022}) {
    const ByteVector wire = chunks(*its, {9});
    for (std::size_t bit = 0; bit < wire.size() * 8; ++bit) {
      ByteVector bent = wire;
      bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ 1U << bit % 8);
      Opening opening = continuing(*its);
      EXPECT_FALSE(opening.feed(bent));
      EXPECT_EQ(opening.error, Errc::auth_failed);
      EXPECT_TRUE(opening.payload.empty());
    }
  }
}

TEST_F(ChunkDecoder, DeliversWhatOpenedBeforeABadChunk) {
  ByteVector wire = chunks(k2022, {5000, 5000, 5000});
  wire[wire.size() - 1] ^= 1;
  Opening opening = continuing(k2022);
  EXPECT_FALSE(opening.feed(wire));
  EXPECT_EQ(opening.payload.size(), 10000U);
}

TEST_F(ChunkDecoder, StaysDeadAfterAnError) {
  ByteVector wire = chunks(k2022, {50});
  ByteVector bent = wire;
  bent[0] ^= 1;
  Opening opening = continuing(k2022);
  EXPECT_FALSE(opening.feed(bent));
  EXPECT_FALSE(opening.feed(wire));
  EXPECT_EQ(opening.error, Errc::auth_failed);
  EXPECT_FALSE(opening.feed({}));
  EXPECT_FALSE(opening.may_end());
  EXPECT_TRUE(opening.payload.empty());
}

TEST_F(ChunkDecoder, RefusesChunksOverTheLimitOfSip004Only) {
  for (const std::size_t length : {0x3FFFU, 0x4000U, 0x8000U, 0xFFFFU}) {
    for (const cipher::Method* its : {&k2017, &k2022}) {
      RecordKey sealing = key(*its);
      ByteVector wire;
      put_length(sealing, length, wire);
      Opening opening = continuing(*its);
      const bool fits = its->is_2022() || length <= kMaxPayload2017;
      EXPECT_EQ(opening.feed(wire), fits) << length;
      EXPECT_EQ(opening.error, fits ? std::nullopt : std::optional(Errc::chunk_too_long));
    }
  }
}

TEST_F(ChunkDecoder, RefusesAnEmptyChunkOf2022AtOnce) {
  RecordKey sealing = key(k2022);
  ByteVector wire;
  put_length(sealing, 0, wire);
  Opening opening = continuing(k2022);
  EXPECT_FALSE(opening.feed(wire));
  EXPECT_EQ(opening.error, Errc::zero_chunk);
}

TEST_F(ChunkDecoder, PassesOverSixteenEmptyChunksOfSip004AndNoMore) {
  std::vector<std::size_t> sizes(16, 0);
  sizes.push_back(3);
  sizes.insert(sizes.end(), 16, 0);
  sizes.push_back(4);
  const ByteVector twice = chunks(k2017, sizes);
  Opening opening = continuing(k2017);
  EXPECT_TRUE(opening.feed(twice));
  EXPECT_TRUE(opening.all_filled);
  EXPECT_EQ(opening.payload, payload_);

  Opening refused = continuing(k2017);
  EXPECT_FALSE(refused.feed(chunks(k2017, std::vector<std::size_t>(17, 0))));
  EXPECT_EQ(refused.error, Errc::zero_chunk);
}

TEST_F(ChunkDecoder, FitsAnyHundredAndTwentyEightKibInItsSpans) {
  for (const std::size_t size : {1U, 100U, 4095U, 4096U, 4097U, 16383U}) {
    const std::size_t count = std::size_t{128} * 1024 / (size + 34);
    const ByteVector wire = chunks(k2017, std::vector<std::size_t>(count, size));
    Opening opening = continuing(k2017);
    ASSERT_TRUE(opening.feed(wire)) << size;
    EXPECT_EQ(opening.payload, payload_) << size;
    EXPECT_TRUE(opening.may_end());
  }
  // The worst mix: as many large chunks as fit, a small one in front of each.
  std::vector<std::size_t> mixed;
  for (std::size_t used = 0; used + 1 + 4096 + 68 <= std::size_t{128} * 1024; used += 1 + 4096 + 68) {
    mixed.insert(mixed.end(), {1, 4096});
  }
  const ByteVector wire = chunks(k2022, mixed);
  Opening opening = continuing(k2022);
  ASSERT_TRUE(opening.feed(wire));
  EXPECT_EQ(opening.payload, payload_);
}

TEST_F(ChunkDecoder, JoinsSmallChunksAndLeavesLargeOnesWhereTheyAre) {
  ByteVector wire = chunks(k2022, {10, 10, 10, 8000, 10, 8000});
  Decoder decoder = Decoder::continuing(k2022, key(k2022));
  Decoder::Payload out;
  ASSERT_TRUE(decoder.open(wire, kNow, out));
  ASSERT_EQ(out.count, 3U);
  EXPECT_EQ(out.spans[0].size(), 30U);
  EXPECT_EQ(out.spans[1].size(), 8010U);
  EXPECT_EQ(out.spans[2].data(), wire.data() + wire.size() - 16 - 8000);
}

TEST_F(ChunkDecoder, RefusesToWrapTheNonce) {
  ByteVector last(12, 0xFF);
  last[0] = 0xFC;
  const cipher::Nonce nonce = cipher::Nonce::starting_at(last);
  RecordKey sealing(cipher::AeadKey(keys_, k2022.algorithm, key_), nonce);
  ByteVector wire;
  put_chunk(sealing, pattern(5), wire);
  put_chunk(sealing, pattern(5), wire);
  Opening opening(Decoder::continuing(k2022, RecordKey(cipher::AeadKey(keys_, k2022.algorithm, key_), nonce)));
  EXPECT_TRUE(opening.feed(wire));
  EXPECT_EQ(opening.payload.size(), 10U);
  EXPECT_FALSE(opening.feed(ByteVector(18)));
  EXPECT_EQ(opening.error, Errc::nonce_spent);
}

TEST_F(ChunkDecoder, HandsPlainBytesThrough) {
  Opening opening(Decoder::plain());
  EXPECT_TRUE(opening.may_end());
  const ByteVector bytes = pattern(1000);
  EXPECT_TRUE(opening.feed_in_steps(bytes, 300));
  EXPECT_EQ(opening.payload, bytes);
  EXPECT_TRUE(opening.may_end());
  EXPECT_TRUE(opening.feed({}));
  EXPECT_TRUE(opening.all_filled);
}

TEST_F(ChunkDecoder, OpensAResponseAtEveryCut) {
  Encoder encoder = Encoder::opening_2017(k2017, key_, keys_, kSalt);
  for (const cipher::Method* its : {&k2017, &k2022}) {
    const ByteVector wire = its->is_2022() ? response_2022() : *seal_all(encoder, payload_ = pattern(100), 60);
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
      Opening opening = response(*its);
      ASSERT_TRUE(opening.feed(ConstBytes(wire).first(cut))) << cut;
      EXPECT_EQ(opening.may_end(), cut == 0 || cut == wire.size() || (cut == 16 + 18 + 60 + 16 && !its->is_2022()))
          << cut;
      ASSERT_TRUE(opening.feed(ConstBytes(wire).subspan(cut))) << cut;
      ASSERT_EQ(opening.payload, payload_) << cut;
      ASSERT_TRUE(opening.may_end());
    }
    Opening slowly = response(*its);
    ASSERT_TRUE(slowly.feed_in_steps(wire, 1));
    EXPECT_EQ(slowly.payload, payload_);
  }
}

TEST_F(ChunkDecoder, RefusesEveryFlippedBitOfAResponse) {
  const ByteVector wire = response_2022();
  for (std::size_t bit = 0; bit < wire.size() * 8; ++bit) {
    ByteVector bent = wire;
    bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ 1U << bit % 8);
    Opening opening = response(k2022);
    EXPECT_FALSE(opening.feed(bent));
    EXPECT_EQ(opening.error, Errc::auth_failed);
    EXPECT_TRUE(opening.payload.empty());
  }
}

TEST_F(ChunkDecoder, JudgesTheClockOfAResponse) {
  for (const UnixSeconds stamp : {kNow - 30, kNow - 29, kNow, kNow + 29, kNow + 30}) {
    EXPECT_TRUE(response(k2022).feed(response_2022(HeaderType::response, stamp, kRequestSalt)));
  }
  for (const UnixSeconds stamp : {kNow - 31, kNow + 31, UnixSeconds{1} << 63, ~UnixSeconds{0}}) {
    Opening opening = response(k2022);
    EXPECT_FALSE(opening.feed(response_2022(HeaderType::response, stamp, kRequestSalt)));
    EXPECT_EQ(opening.error, Errc::bad_timestamp);
    EXPECT_EQ(opening.decoder().clock_offset(), clock_offset(stamp, kNow));
  }
}

TEST_F(ChunkDecoder, RefusesTheWrongHeaderType) {
  Opening opening = response(k2022);
  EXPECT_FALSE(opening.feed(response_2022(HeaderType::request, kNow, kRequestSalt)));
  EXPECT_EQ(opening.error, Errc::bad_header_type);
  EXPECT_EQ(opening.decoder().clock_offset(), 0);
}

TEST_F(ChunkDecoder, RefusesAResponseToAnotherRequest) {
  for (std::size_t i = 0; i < kRequestSalt.size(); ++i) {
    ByteVector other = kRequestSalt;
    other[i] ^= 0x80;
    Opening opening = response(k2022);
    EXPECT_FALSE(opening.feed(response_2022(HeaderType::response, kNow, other)));
    EXPECT_EQ(opening.error, Errc::foreign_salt);
    EXPECT_TRUE(opening.payload.empty());
  }
}

TEST_F(ChunkDecoder, PassesOverAnEmptyFirstPayloadOfAResponse) {
  Opening opening = response(k2022);
  EXPECT_TRUE(opening.feed(response_2022(HeaderType::response, kNow, kRequestSalt, 0)));
  EXPECT_TRUE(opening.payload.empty());
  EXPECT_TRUE(opening.may_end());
}

TEST_F(ChunkDecoder, RefusesOurOwnSip004StreamSentBack) {
  Encoder encoder = Encoder::opening_2017(k2017, key_, keys_, kRequestSalt);
  Opening opening = response(k2017);
  EXPECT_FALSE(opening.feed(*seal_all(encoder, pattern(100), 100)));
  EXPECT_EQ(opening.error, Errc::repeated_salt);
  EXPECT_TRUE(opening.payload.empty());
}

}  // namespace
}  // namespace ss::protocol
