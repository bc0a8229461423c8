#include "ss/base/bytes.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ss {
namespace {

constexpr std::array<std::uint8_t, 11> kBytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

TEST(ByteReaderRead, TakesBigEndianFieldsInOrder) {
  ByteReader reader(kBytes);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.u16be(), 0x0203);
  EXPECT_EQ(reader.u64be(), 0x0405060708090a0bU);
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.rest().empty());
}

TEST(ByteReaderRead, StaysFailedAfterAStepThatDidNotFit) {
  ByteReader reader(kBytes);
  EXPECT_EQ(reader.take(12).size(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_EQ(reader.u16be(), 0);
  EXPECT_EQ(reader.u64be(), 0U);
  EXPECT_TRUE(reader.take(0).empty());
  EXPECT_TRUE(reader.take(1).empty());
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.rest().size(), kBytes.size()) << "a failed step takes nothing";
}

TEST(ByteReaderRead, FailsOneByteShortOfEachField) {
  ByteReader none{ConstBytes{}};
  none.u8();
  EXPECT_FALSE(none.ok());
  ByteReader one(ConstBytes(kBytes).first(1));
  one.u16be();
  EXPECT_FALSE(one.ok());
  ByteReader seven(ConstBytes(kBytes).first(7));
  seven.u64be();
  EXPECT_FALSE(seven.ok());
}

TEST(ByteReaderTake, AllowsNothingFromNothing) {
  ByteReader reader{ConstBytes{}};
  EXPECT_TRUE(reader.take(0).empty());
  EXPECT_TRUE(reader.ok());
}

TEST(ByteReaderTake, SurvivesTheLargestLength) {
  ByteReader reader(kBytes);
  EXPECT_TRUE(reader.take(SIZE_MAX).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteWriterWrite, PutsWhatTheReaderReads) {
  std::array<std::uint8_t, 16> buffer{};
  ByteWriter writer(buffer);
  writer.u8(0xfe).u16be(0xfedc).u64be(0xfedcba9876543210U).bytes(bytes_of("abc")).bytes({});
  EXPECT_EQ(writer.size(), 14U);
  ByteReader reader(writer.written());
  EXPECT_EQ(reader.u8(), 0xfe);
  EXPECT_EQ(reader.u16be(), 0xfedc);
  EXPECT_EQ(reader.u64be(), 0xfedcba9876543210U);
  EXPECT_EQ(text_of(reader.rest()), "abc");
  EXPECT_EQ(buffer[14], 0);
}

TEST(ByteWriterWrite, FillsItsBytesToTheLast) {
  std::array<std::uint8_t, 3> buffer{};
  ByteWriter writer(buffer);
  writer.u16be(1).u8(2).bytes({});
  EXPECT_EQ(writer.size(), buffer.size());
}

#if defined(SS_ASSERTIONS)
TEST(ByteWriterWriteDeathTest, EndsTheProcessOnAnOverflow) {
  std::array<std::uint8_t, 3> buffer{};
  EXPECT_DEATH(ByteWriter(buffer).u16be(1).u16be(2), "assertion failed");
}
#endif

TEST(BytesOfText, RoundTripsEveryByte) {
  std::string all(256, '\0');
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i);
  EXPECT_EQ(bytes_of(all)[255], 255);
  EXPECT_EQ(text_of(bytes_of(all)), all);
}

}  // namespace
}  // namespace ss
