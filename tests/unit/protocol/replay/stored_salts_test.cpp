#include "ss/protocol/replay/stored_salts.hpp"

#include <gtest/gtest.h>

#include "ss/protocol/header2022.hpp"

namespace ss::protocol {
namespace {

constexpr UnixSeconds kNow = 1'700'000'000;
const KeyBytes kKey(ByteVector(32, 7));

ByteVector salt(std::uint8_t number) {
  return ByteVector(32, number);
}

std::size_t count_of(const SaltRing& ring) {
  std::size_t count = 0;
  ring.for_each([&](ConstBytes /*salt*/, UnixSeconds /*stamp*/) { ++count; });
  return count;
}

class RestoredPool : public ::testing::Test {
 protected:
  /// What a pool that knows the ring alone makes of a salt.
  SaltVerdict after_restart(std::uint8_t number, UnixSeconds stamp, UnixSeconds now = kNow) {
    ExactSaltPool pool(kKey);
    restore(pool, ring, now, MonoTime{});
    return pool.insert(salt(number), stamp, MonoTime{});
  }

  ByteVector memory = ByteVector(SaltRing::bytes_for(32, 4));
  SaltRing ring{memory, 32};
};

TEST_F(RestoredPool, KnowsWhatWasPutIn) {
  StoredSalts salts(std::make_unique<ExactSaltPool>(kKey), ring);
  EXPECT_EQ(salts.insert(salt(1), kNow, MonoTime{}), SaltVerdict::fresh);
  EXPECT_EQ(salts.insert(salt(1), kNow, MonoTime{}), SaltVerdict::repeated);
  EXPECT_EQ(count_of(ring), 1U) << "what is not fresh is not written";
  EXPECT_EQ(after_restart(1, kNow), SaltVerdict::repeated);
  EXPECT_EQ(after_restart(2, kNow), SaltVerdict::fresh);
}

TEST_F(RestoredPool, KnowsSaltsWhoseStampsCanStillPass) {
  ring.append(salt(1), kNow - kMaxClockDifference);
  ring.append(salt(2), kNow + kMaxClockDifference);
  ring.append(salt(3), kNow + 3'600);  // the clock was set back since
  EXPECT_EQ(after_restart(1, kNow - kMaxClockDifference), SaltVerdict::repeated);
  EXPECT_EQ(after_restart(2, kNow + kMaxClockDifference), SaltVerdict::repeated);
  EXPECT_EQ(after_restart(3, kNow + 3'600), SaltVerdict::repeated);
  EXPECT_EQ(after_restart(4, kNow - kMaxClockDifference), SaltVerdict::fresh);
}

TEST_F(RestoredPool, TakesNothingAsOldAsWhatItLeftOut) {
  ring.append(salt(1), kNow - kMaxClockDifference - 1);
  EXPECT_EQ(after_restart(1, kNow - kMaxClockDifference - 1), SaltVerdict::forgotten);
  EXPECT_EQ(after_restart(2, kNow - kMaxClockDifference), SaltVerdict::fresh);
}

TEST_F(RestoredPool, TakesNothingAsOldAsWhatTheRingHasLost) {
  for (std::uint8_t i = 0; i < 6; ++i) ring.append(salt(i), kNow + i);
  EXPECT_EQ(after_restart(0, kNow), SaltVerdict::forgotten);
  EXPECT_EQ(after_restart(9, kNow + 1), SaltVerdict::forgotten);
  EXPECT_EQ(after_restart(9, kNow + 2), SaltVerdict::fresh);
}

TEST(RestoredSet, KnowsWhatTheRingHolds) {
  ByteVector memory(SaltRing::bytes_for(32, 4));
  SaltRing ring(memory, 32);
  StoredSalts before(std::make_unique<RecentSaltSet>(kKey, 4), ring);
  for (std::uint8_t i = 0; i < 4; ++i) ASSERT_EQ(before.insert(salt(i), 0, MonoTime{}), SaltVerdict::fresh);
  RecentSaltSet set(kKey, 4);
  restore(set, ring);
  for (std::uint8_t i = 0; i < 4; ++i) EXPECT_EQ(set.insert(salt(i), 0, MonoTime{}), SaltVerdict::repeated);
  EXPECT_EQ(set.insert(salt(4), 0, MonoTime{}), SaltVerdict::fresh);
}

}  // namespace
}  // namespace ss::protocol
