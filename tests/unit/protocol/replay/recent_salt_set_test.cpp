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
  EXPECT_EQ(set.insert(salt(1), 0, MonoTime{}), SaltVerdict::fresh);
  EXPECT_EQ(set.insert(salt(1), 0, MonoTime{}), SaltVerdict::repeated);
  EXPECT_EQ(set.insert(salt(1), 0, MonoTime(std::chrono::hours(24 * 365))), SaltVerdict::repeated);
}

TEST(RecentSaltSetInsert, RemembersTheLastSaltsAndAtMostTwiceAsMany) {
  constexpr std::uint64_t kCapacity = 1000;
  RecentSaltSet set(kKey, kCapacity);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    ASSERT_EQ(set.insert(salt(i), 0, MonoTime{}), SaltVerdict::fresh) << i;
    for (const std::uint64_t back : {1U, 17U, 999U}) {
      if (i >= back) {
        ASSERT_EQ(set.insert(salt(i - back), 0, MonoTime{}), SaltVerdict::repeated) << i << " " << back;
      }
    }
    ASSERT_LE(set.size(), 2 * kCapacity);
  }
  EXPECT_EQ(set.insert(salt(4000), 0, MonoTime{}), SaltVerdict::repeated);
  EXPECT_EQ(set.insert(salt(2999), 0, MonoTime{}), SaltVerdict::fresh) << "more than twice the capacity ago";
}

TEST(RecentSaltSetExpect, ChangesNothing) {
  RecentSaltSet set(kKey, 10);
  set.expect(salt(1));
  EXPECT_EQ(set.size(), 0U);
  EXPECT_EQ(set.insert(salt(1), 0, MonoTime{}), SaltVerdict::fresh);
  set.expect(salt(1));
  set.expect(salt(2));
  EXPECT_EQ(set.size(), 1U);
  EXPECT_EQ(set.insert(salt(1), 0, MonoTime{}), SaltVerdict::repeated);
  EXPECT_EQ(set.insert(salt(2), 0, MonoTime{}), SaltVerdict::fresh);
}

TEST(RecentSaltSetInsert, NeverTakesAFreshSaltForAKnownOne) {
  RecentSaltSet set(kKey);
  for (std::uint64_t i = 0; i < 20'000; ++i) ASSERT_EQ(set.insert(salt(i), 0, MonoTime{}), SaltVerdict::fresh) << i;
  EXPECT_EQ(set.size(), 20'000U);
}

TEST(RecentSaltSetInsert, HoldsOneSaltWhereThatIsItsCapacity) {
  RecentSaltSet set(kKey, 1);
  EXPECT_EQ(set.insert(salt(1), 0, MonoTime{}), SaltVerdict::fresh);
  EXPECT_EQ(set.insert(salt(1), 0, MonoTime{}), SaltVerdict::repeated);
  EXPECT_EQ(set.insert(salt(2), 0, MonoTime{}), SaltVerdict::fresh);
  EXPECT_EQ(set.insert(salt(2), 0, MonoTime{}), SaltVerdict::repeated);
  EXPECT_EQ(set.insert(salt(3), 0, MonoTime{}), SaltVerdict::fresh);
  EXPECT_EQ(set.insert(salt(1), 0, MonoTime{}), SaltVerdict::fresh);
}

}  // namespace
}  // namespace ss::protocol
