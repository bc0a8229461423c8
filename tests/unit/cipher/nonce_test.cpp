#include "ss/cipher/nonce.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support.hpp"

namespace ss::cipher {
namespace {

/// Little-endian: `ones` bytes of 0xFF, then zeros.
ByteVector ones(std::size_t ones, std::size_t length) {
  ByteVector value(length);
  std::fill_n(value.begin(), ones, std::uint8_t{0xFF});
  return value;
}

TEST(NonceAdvance, CountsFromZeroInLittleEndian) {
  const auto all = vectors("primitives");
  Nonce nonce(12);
  std::uint64_t n = 0;
  int seen = 0;
  for (const auto& v : all["le_nonce"]) {
    const std::uint64_t wanted = v["n"].get<std::string>().size() > 6 ? 0 : std::stoull(v["n"].get<std::string>());
    if (wanted == 0 && v["n"] != "0") continue;
    for (; n < wanted; ++n) nonce.advance();
    EXPECT_EQ(hex(nonce.value()), v["nonce12"]);
    ++seen;
  }
  EXPECT_EQ(seen, 8);
}

TEST(NonceAdvance, CarriesPastEveryByte) {
  for (const std::size_t length : {12U, 24U}) {
    for (std::size_t bytes = 1; bytes < length; ++bytes) {
      Nonce nonce = Nonce::starting_at(ones(bytes, length));
      nonce.advance();
      ByteVector wanted(length);
      wanted[bytes] = 1;
      EXPECT_EQ(hex(nonce.value()), hex(wanted)) << 8 * bytes;
      EXPECT_FALSE(nonce.spent());
      nonce.advance();
      wanted[0] = 1;
      EXPECT_EQ(hex(nonce.value()), hex(wanted)) << 8 * bytes;
    }
  }
}

TEST(NonceAdvance, IsSpentAfterTheLastValueForEver) {
  for (const std::size_t length : {12U, 24U}) {
    Nonce nonce = Nonce::starting_at(ones(length, length));
    EXPECT_FALSE(nonce.spent());
    for (int i = 0; i < 3; ++i) {
      nonce.advance();
      EXPECT_TRUE(nonce.spent());
    }
  }
}

TEST(NonceAdvance, NeverRepeatsAValue) {
  Nonce nonce = Nonce::starting_at(ones(1, 12));
  std::set<std::string> seen;
  for (int i = 0; i < 70'000; ++i, nonce.advance()) {
    ASSERT_TRUE(seen.emplace(text_of(nonce.value())).second) << i;
  }
}

}  // namespace
}  // namespace ss::cipher
