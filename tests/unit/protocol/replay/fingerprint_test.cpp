#include "ss/protocol/replay/fingerprint.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ss::protocol {
namespace {

TEST(Fingerprint, DependsOnEveryBitOfSaltAndKey) {
  std::set<std::uint64_t> seen;
  const ByteVector zeros(32);
  seen.insert(fingerprint(KeyBytes(zeros), zeros));
  for (std::size_t bit = 0; bit < 256; ++bit) {
    ByteVector bytes(32);
    bytes[bit / 8] = static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_TRUE(seen.insert(fingerprint(KeyBytes(zeros), bytes)).second) << bit;
    if (bit < 128) {
      EXPECT_TRUE(seen.insert(fingerprint(KeyBytes(bytes), zeros)).second) << bit;
    }
  }
}

TEST(Fingerprint, TellsLengthsApart) {
  std::set<std::uint64_t> seen;
  for (const std::size_t length : {0U, 16U, 24U, 32U}) {
    EXPECT_TRUE(seen.insert(fingerprint(KeyBytes(ByteVector(32)), ByteVector(length))).second) << length;
  }
}

}  // namespace
}  // namespace ss::protocol
