#include "ss/relay/held_bytes.hpp"

#include <gtest/gtest.h>

#include "unit/relay/peer.hpp"

namespace ss::relay {
namespace {

using test::counting;

ByteVector copy(ConstBytes bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(HeldBytesKeep, CopiesWhatLiesBehindTheSkippedBytesOfEverySpan) {
  const ByteVector all = counting(30);
  for (std::size_t skip = 0; skip <= all.size(); ++skip) {
    HeldTotal total;
    HeldBytes held(total);
    const ConstBytes bytes = all;
    const ConstBytes spans[] = {bytes.first(10), bytes.subspan(10, 0), bytes.subspan(10, 1), bytes.subspan(11)};
    held.keep(spans, skip);
    EXPECT_EQ(copy(held.view()), copy(bytes.subspan(skip))) << skip;
    EXPECT_EQ(held.size(), all.size() - skip);
    EXPECT_EQ(held.empty(), skip == all.size());
    EXPECT_EQ(total.read(), all.size() - skip);
  }
}

TEST(HeldBytesKeep, MayComeAgainOnceEverythingHasLeft) {
  HeldTotal total;
  HeldBytes held(total);
  held.keep(counting(5));
  held.drop(5);
  held.keep(counting(7, 5));
  EXPECT_EQ(copy(held.view()), counting(7, 5));
  EXPECT_EQ(total.read(), 7U);
}

TEST(HeldBytesDrop, ForgetsTheFrontAndReturnsTheMemoryWithTheLastByte) {
  HeldTotal total;
  HeldBytes held(total);
  held.keep(counting(10));
  held.drop(4);
  EXPECT_EQ(copy(held.view()), counting(6, 4));
  EXPECT_EQ(total.read(), 10U) << "the memory is still there";
  held.drop(0);
  held.drop(6);
  EXPECT_TRUE(held.empty());
  EXPECT_EQ(total.read(), 0U);
}

TEST(HeldBytesClear, ReturnsTheMemoryAlsoWhereItIsDestroyed) {
  HeldTotal total;
  {
    HeldBytes one(total);
    HeldBytes other(total);
    one.keep(counting(10));
    other.keep(counting(20));
    EXPECT_EQ(total.read(), 30U);
    one.clear();
    EXPECT_TRUE(one.empty());
    EXPECT_EQ(total.read(), 20U);
  }
  EXPECT_EQ(total.read(), 0U);
}

TEST(HeldNoteCount, LastsAsLongAsTheNote) {
  HeldTotal total;
  {
    const HeldNote note(total, 7);
    EXPECT_EQ(total.read(), 7U);
  }
  EXPECT_EQ(total.read(), 0U);
}

TEST(HeldTotalHigh, BeginsBeyondItsLimit) {
  HeldTotal total(1000);
  total.add(1000);
  EXPECT_FALSE(total.high());
  total.add(1);
  EXPECT_TRUE(total.high());
  total.sub(1);
  EXPECT_FALSE(total.high());
}

}  // namespace
}  // namespace ss::relay
