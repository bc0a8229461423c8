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

/// Of a stream that was sealed when it came.
bool is_fresh(ExactSaltPool& pool, ConstBytes salt, MonoTime now) {
  const auto stamp = 1'700'000'000 + static_cast<UnixSeconds>(now.time_since_epoch() / seconds(1));
  return pool.insert(salt, stamp, now) == SaltVerdict::fresh;
}

TEST(ExactSaltPoolInsert, TakesASaltOnce) {
  ExactSaltPool pool(kKey);
  EXPECT_TRUE(is_fresh(pool, salt(1), at(seconds(0))));
  EXPECT_FALSE(is_fresh(pool, salt(1), at(seconds(0))));
  EXPECT_TRUE(is_fresh(pool, salt(2), at(seconds(0))));
}

TEST(ExactSaltPoolInsert, RefusesASaltForAsLongAsItsStampCanBeTimely) {
  // Sealed with a stamp 30 s ahead in the first moment of a second, timely until the last of the 61st.
  for (const Duration later :
       {Duration(milliseconds(100)), Duration(seconds(29)), Duration(seconds(31)), Duration(seconds(59)),
        Duration(seconds(60)), Duration(milliseconds(60'999)), Duration(milliseconds(61'999))}) {
    ExactSaltPool pool(kKey);
    ASSERT_TRUE(is_fresh(pool, salt(1), at(seconds(5))));
    EXPECT_FALSE(is_fresh(pool, salt(1), at(seconds(5) + later))) << later.count();
  }
}

TEST(ExactSaltPoolInsert, LetsGoOfASaltWhenItsTimeIsOver) {
  ExactSaltPool pool(kKey);
  ASSERT_TRUE(is_fresh(pool, salt(1), at(seconds(5))));
  EXPECT_TRUE(is_fresh(pool, salt(1), at(seconds(5) + ExactSaltPool::kLifetime)));
  EXPECT_EQ(pool.size(), 1U);
}

TEST(ExactSaltPoolInsert, DoesNotProlongASaltThatIsShownAgain) {
  ExactSaltPool pool(kKey);
  ASSERT_TRUE(is_fresh(pool, salt(1), at(seconds(0))));
  ASSERT_FALSE(is_fresh(pool, salt(1), at(seconds(40))));
  EXPECT_TRUE(is_fresh(pool, salt(1), at(ExactSaltPool::kLifetime)));
}

TEST(ExactSaltPoolInsert, IsExactForManySalts) {
  ExactSaltPool pool(kKey);
  constexpr std::uint64_t kMany = 6'000;
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_TRUE(is_fresh(pool, salt(i), at(milliseconds(i))));
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_FALSE(is_fresh(pool, salt(i), at(seconds(20)))) << i;
  EXPECT_EQ(pool.size(), kMany);
  // The first half leaves, the second is still known.
  const MonoTime later = at(ExactSaltPool::kLifetime + milliseconds(kMany / 2 - 1));
  for (std::uint64_t i = kMany / 2; i < kMany; ++i) ASSERT_FALSE(is_fresh(pool, salt(i), later)) << i;
  EXPECT_EQ(pool.size(), kMany / 2);
  for (std::uint64_t i = 0; i < kMany / 2; ++i) ASSERT_TRUE(is_fresh(pool, salt(i), later)) << i;
}

TEST(ExactSaltPoolInsert, TellsSaltsApartByTheirLastBit) {
  for (const std::size_t length : {16U, 32U}) {
    ExactSaltPool pool(kKey);
    for (std::size_t bit = 0; bit < length * 8; ++bit) {
      ByteVector bytes(length);
      bytes[bit / 8] = static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_TRUE(is_fresh(pool, bytes, at(seconds(length)))) << bit;
    }
  }
}

TEST(ExactSaltPoolInsert, TakesNothingAsOldAsASaltThatItHasLetGo) {
  ExactSaltPool pool(kKey);
  ASSERT_EQ(pool.insert(salt(1), 1'000, at(seconds(0))), SaltVerdict::fresh);
  ASSERT_EQ(pool.insert(salt(2), 990, at(seconds(1))), SaltVerdict::fresh);
  // The clock of those who judge stamps has been set back.
  const MonoTime later = at(seconds(1) + ExactSaltPool::kLifetime);
  EXPECT_EQ(pool.insert(salt(1), 1'000, later), SaltVerdict::forgotten);
  EXPECT_EQ(pool.insert(salt(3), 1'000, later), SaltVerdict::forgotten);
  EXPECT_EQ(pool.insert(salt(4), 1'001, later), SaltVerdict::fresh);
  EXPECT_EQ(pool.size(), 1U);
}

TEST(ExactSaltPoolInsert, TakesEveryTimelyStampWhileTheClockRunsOn) {
  ExactSaltPool pool(kKey);
  constexpr UnixSeconds kStart = 1'700'000'000;
  std::uint64_t number = 0;
  for (UnixSeconds now = kStart; now < kStart + 300; ++now) {
    for (const UnixSeconds stamp : {now - kMaxClockDifference, now, now + kMaxClockDifference}) {
      ASSERT_EQ(pool.insert(salt(++number), stamp, at(seconds(now - kStart))), SaltVerdict::fresh)
          << stamp << " " << now;
    }
  }
}

}  // namespace
}  // namespace ss::protocol
