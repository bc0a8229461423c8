#include "ss/protocol/replay/exact_salt_pool.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace ss::protocol {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ByteVector salt(std::uint64_t number, std::size_t length = 32) {
  ByteVector bytes(length, 0xA5);
  put_u64be(bytes.data(), number);
  return bytes;
}

MonoTime at(Duration since) {
  return MonoTime(since);
}

const KeyBytes kKey(ByteVector(32, 7));

TEST(ExactSaltPoolInsert, TakesASaltOnce) {
  ExactSaltPool pool(kKey);
  EXPECT_TRUE(pool.insert(salt(1), at(seconds(0))));
  EXPECT_FALSE(pool.insert(salt(1), at(seconds(0))));
  EXPECT_TRUE(pool.insert(salt(2), at(seconds(0))));
}

TEST(ExactSaltPoolInsert, RefusesASaltForAsLongAsItsStampCanBeTimely) {
  // Sealed with a stamp 30 s ahead in the first moment of a second, timely until the last of the 61st.
  for (const Duration later :
       {Duration(milliseconds(100)), Duration(seconds(29)), Duration(seconds(31)), Duration(seconds(59)),
        Duration(seconds(60)), Duration(milliseconds(60'999)), Duration(milliseconds(61'999))}) {
    ExactSaltPool pool(kKey);
    ASSERT_TRUE(pool.insert(salt(1), at(seconds(5))));
    EXPECT_FALSE(pool.insert(salt(1), at(seconds(5) + later))) << later.count();
  }
}

TEST(ExactSaltPoolInsert, LetsGoOfASaltWhenItsTimeIsOver) {
  ExactSaltPool pool(kKey);
  ASSERT_TRUE(pool.insert(salt(1), at(seconds(5))));
  EXPECT_TRUE(pool.insert(salt(1), at(seconds(5) + ExactSaltPool::kLifetime)));
  EXPECT_EQ(pool.size(), 1U);
}

TEST(ExactSaltPoolInsert, DoesNotProlongASaltThatIsShownAgain) {
  ExactSaltPool pool(kKey);
  ASSERT_TRUE(pool.insert(salt(1), at(seconds(0))));
  ASSERT_FALSE(pool.insert(salt(1), at(seconds(40))));
  EXPECT_TRUE(pool.insert(salt(1), at(ExactSaltPool::kLifetime)));
}

TEST(ExactSaltPoolInsert, IsExactForManySalts) {
  ExactSaltPool pool(kKey);
  constexpr std::uint64_t kMany = 6'000;
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_TRUE(pool.insert(salt(i), at(milliseconds(i))));
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_FALSE(pool.insert(salt(i), at(seconds(20)))) << i;
  EXPECT_EQ(pool.size(), kMany);
  // The first half leaves, the second is still known.
  const MonoTime later = at(ExactSaltPool::kLifetime + milliseconds(kMany / 2 - 1));
  for (std::uint64_t i = kMany / 2; i < kMany; ++i) ASSERT_FALSE(pool.insert(salt(i), later)) << i;
  EXPECT_EQ(pool.size(), kMany / 2);
  for (std::uint64_t i = 0; i < kMany / 2; ++i) ASSERT_TRUE(pool.insert(salt(i), later)) << i;
}

TEST(ExactSaltPoolInsert, TellsSaltsApartByTheirLastBit) {
  ExactSaltPool pool(kKey);
  for (const std::size_t length : {16U, 32U}) {
    for (std::size_t bit = 0; bit < length * 8; ++bit) {
      ByteVector bytes(length);
      bytes[bit / 8] = static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_TRUE(pool.insert(bytes, at(seconds(length)))) << bit;
    }
    // The next length's salts begin with the same bytes.
    pool = ExactSaltPool(kKey);
  }
}

}  // namespace
}  // namespace ss::protocol
