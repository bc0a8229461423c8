#include "ss/protocol/replay/salt_ring.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace ss::protocol {
namespace {

using Held = std::vector<std::pair<ByteVector, UnixSeconds>>;

ByteVector salt(std::uint8_t number, std::size_t length) {
  return ByteVector(length, number);
}

Held held_by(const SaltRing& ring) {
  Held held;
  ring.for_each(
      [&](ConstBytes salt, UnixSeconds stamp) { held.emplace_back(ByteVector(salt.begin(), salt.end()), stamp); });
  return held;
}

TEST(SaltRingAppend, KeepsTheLastSaltsInTheirOrder) {
  for (const std::size_t length : {16U, 24U, 32U}) {
    ByteVector memory(SaltRing::bytes_for(length, 3));
    SaltRing ring(memory, length);
    EXPECT_EQ(ring.capacity(), 3U);
    EXPECT_TRUE(held_by(ring).empty());
    ring.append(salt(1, length), 11);
    ring.append(salt(2, length), 12);
    EXPECT_EQ(held_by(ring), (Held{{salt(1, length), 11}, {salt(2, length), 12}}));
    ring.append(salt(3, length), 13);
    ring.append(salt(4, length), 10);
    ring.append(salt(5, length), 10);
    EXPECT_EQ(held_by(ring), (Held{{salt(3, length), 13}, {salt(4, length), 10}, {salt(5, length), 10}}));
  }
}

TEST(SaltRingDropped, IsTheNewestStampThatWasWrittenOver) {
  ByteVector memory(SaltRing::bytes_for(16, 2));
  SaltRing ring(memory, 16);
  for (const UnixSeconds stamp : {9U, 7U}) ring.append(salt(1, 16), stamp);
  EXPECT_EQ(ring.dropped(), 0U);
  ring.append(salt(1, 16), 20);
  EXPECT_EQ(ring.dropped(), 9U);
  ring.append(salt(1, 16), 20);
  EXPECT_EQ(ring.dropped(), 9U);
  ring.append(salt(1, 16), 20);
  EXPECT_EQ(ring.dropped(), 20U);
}

TEST(SaltRing, GoesOnWithWhatAnotherHasLeft) {
  ByteVector memory(SaltRing::bytes_for(32, 2));
  SaltRing(memory, 32).append(salt(1, 32), 11);
  SaltRing ring(memory, 32);
  ring.append(salt(2, 32), 12);
  ring.append(salt(3, 32), 13);
  EXPECT_EQ(held_by(SaltRing(memory, 32)), (Held{{salt(2, 32), 12}, {salt(3, 32), 13}}));
  EXPECT_EQ(ring.dropped(), 11U);
}

TEST(SaltRing, StaysInsideItsMemoryWhateverThatHolds) {
  ByteVector memory(SaltRing::bytes_for(32, 2), 0xFF);
  SaltRing ring(memory, 32);
  EXPECT_EQ(held_by(ring).size(), 2U);
  // The count goes over its end and begins anew.
  for (std::uint8_t i = 0; i < 5; ++i) ring.append(salt(i, 32), i);
  EXPECT_EQ(held_by(ring).back(), (Held::value_type{salt(4, 32), 4}));
}

}  // namespace
}  // namespace ss::protocol
