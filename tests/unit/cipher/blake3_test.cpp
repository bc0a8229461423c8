#include "ss/cipher/blake3.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace ss::cipher {
namespace {

ByteVector input_of(std::size_t size) {
  ByteVector input(size);
  for (std::size_t i = 0; i < size; ++i) input[i] = static_cast<std::uint8_t>(i % 251);
  return input;
}

TEST(Blake3Hash, MatchesTheOfficialVectors) {
  const auto all = vectors("blake3");
  int seen = 0;
  for (const auto& v : all["cases"]) {
    const auto size = v["input_len"].get<std::size_t>();
    if (size > 1024) continue;
    ++seen;
    ByteVector out(131);
    ASSERT_TRUE(blake3_hash(input_of(size), out).has_value());
    EXPECT_EQ(hex(out), v["hash"]) << size;
  }
  EXPECT_GE(seen, 20);
}

TEST(Blake3DeriveKey, MatchesTheOfficialVectors) {
  const auto all = vectors("blake3");
  const auto context = all["context_string"].get<std::string>();
  for (const auto& v : all["cases"]) {
    const auto size = v["input_len"].get<std::size_t>();
    if (size > 1024) continue;
    ByteVector out(131);
    ASSERT_TRUE(blake3_derive_key(context, input_of(size), out).has_value());
    EXPECT_EQ(hex(out), v["derive_key"]) << size;
  }
}

TEST(Blake3Hash, GivesPrefixesForShorterOutputs) {
  ByteVector longest(300);
  ASSERT_TRUE(blake3_hash(input_of(100), longest).has_value());
  for (std::size_t size = 0; size <= longest.size(); ++size) {
    ByteVector out(size);
    ASSERT_TRUE(blake3_hash(input_of(100), out).has_value());
    EXPECT_EQ(hex(out), hex(ConstBytes(longest).first(size)));
  }
}

TEST(Blake3Hash, RefusesMoreThanOneChunk) {
  ByteVector out(32, 0x55);
  EXPECT_EQ(blake3_hash(input_of(1025), out).error(), Errc::too_long);
  EXPECT_EQ(out, ByteVector(32, 0x55));
}

TEST(Blake3DeriveKey, RefusesMoreThanOneChunk) {
  ByteVector out(32, 0x55);
  EXPECT_EQ(blake3_derive_key("context", input_of(1025), out).error(), Errc::too_long);
  EXPECT_EQ(blake3_derive_key(std::string(1025, 'c'), input_of(1), out).error(), Errc::too_long);
  EXPECT_EQ(out, ByteVector(32, 0x55));
  EXPECT_TRUE(blake3_derive_key(std::string(1024, 'c'), input_of(1024), out).has_value());
}

}  // namespace
}  // namespace ss::cipher
