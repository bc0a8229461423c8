#include "ss/protocol/replay/recent_salt_set.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace ss::protocol {
namespace {

ByteVector salt(std::uint64_t number) {
  ByteVector bytes(32, 0x5A);
  put_u64be(bytes.data(), number);
  return bytes;
}

const KeyBytes kKey(ByteVector(32, 7));

TEST(RecentSaltSetInsert, TakesASaltOnceHoweverMuchTimeGoesBy) {
  RecentSaltSet set(kKey, 10);
  EXPECT_TRUE(set.insert(salt(1), MonoTime{}));
  EXPECT_FALSE(set.insert(salt(1), MonoTime{}));
  EXPECT_FALSE(set.insert(salt(1), MonoTime(std::chrono::hours(24 * 365))));
}

TEST(RecentSaltSetInsert, RemembersTheLastSaltsAndAtMostTwiceAsMany) {
  constexpr std::uint64_t kCapacity = 1000;
  RecentSaltSet set(kKey, kCapacity);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    ASSERT_TRUE(set.insert(salt(i), MonoTime{})) << i;
    for (const std::uint64_t back : {1U, 17U, 999U}) {
      if (i >= back) {
        ASSERT_FALSE(set.insert(salt(i - back), MonoTime{})) << i << " " << back;
      }
    }
    ASSERT_LE(set.size(), 2 * kCapacity);
  }
  EXPECT_FALSE(set.insert(salt(4000), MonoTime{}));
  EXPECT_TRUE(set.insert(salt(2999), MonoTime{})) << "more than twice the capacity ago";
}

TEST(RecentSaltSetExpect, ChangesNothing) {
  RecentSaltSet set(kKey, 10);
  set.expect(salt(1));
  EXPECT_EQ(set.size(), 0U);
  EXPECT_TRUE(set.insert(salt(1), MonoTime{}));
  set.expect(salt(1));
  set.expect(salt(2));
  EXPECT_EQ(set.size(), 1U);
  EXPECT_FALSE(set.insert(salt(1), MonoTime{}));
  EXPECT_TRUE(set.insert(salt(2), MonoTime{}));
}

TEST(RecentSaltSetInsert, NeverTakesAFreshSaltForAKnownOne) {
  RecentSaltSet set(kKey);
  for (std::uint64_t i = 0; i < 20'000; ++i) ASSERT_TRUE(set.insert(salt(i), MonoTime{})) << i;
  EXPECT_EQ(set.size(), 20'000U);
}

TEST(RecentSaltSetInsert, HoldsOneSaltWhereThatIsItsCapacity) {
  RecentSaltSet set(kKey, 1);
  EXPECT_TRUE(set.insert(salt(1), MonoTime{}));
  EXPECT_FALSE(set.insert(salt(1), MonoTime{}));
  EXPECT_TRUE(set.insert(salt(2), MonoTime{}));
  EXPECT_FALSE(set.insert(salt(2), MonoTime{}));
  EXPECT_TRUE(set.insert(salt(3), MonoTime{}));
  EXPECT_TRUE(set.insert(salt(1), MonoTime{}));
}

}  // namespace
}  // namespace ss::protocol
