#include "ss/cipher/siphash.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace ss::cipher {
namespace {

ByteVector counting(std::size_t size) {
  ByteVector bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

// Of the paper's reference vectors (Aumasson and Bernstein, vectors_sip64): key 00 01 … 0f, input 00 01 … of the given
// length, the output's bytes in order.
TEST(Siphash, MatchesTheVectorsOfItsPaper) {
  const ByteVector key = counting(kSipHashKey);
  EXPECT_EQ(siphash(key, counting(0)), 0x310E0EDD47DB6F72U);
  EXPECT_EQ(siphash(key, counting(1)), 0xFD67DC93C539F874U);
  EXPECT_EQ(siphash(key, counting(8)), 0x6224939A79F5F593U);
  EXPECT_EQ(siphash(key, counting(15)), 0xE545BE4961CA29A1U);
}

}  // namespace
}  // namespace ss::cipher
