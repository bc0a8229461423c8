#include "ss/cipher/aes_block.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace ss::cipher {
namespace {

TEST(AesBlockEncrypt, MatchesTheKnownVectorsBothWays) {
  const auto all = vectors("primitives");
  ASSERT_FALSE(all["aes_ecb_block"].empty());
  for (const auto& v : all["aes_ecb_block"]) {
    AesBlock block{KeyBytes(unhex(v["key"]))};
    ByteVector bytes = unhex(v["plaintext"]);
    ByteVector out(16);
    block.encrypt(bytes, out);
    EXPECT_EQ(hex(out), v["ciphertext"]);
    block.decrypt(out, out);
    EXPECT_EQ(out, bytes);
  }
}

TEST(AesBlockEncrypt, WorksInPlaceAndAfterAMove) {
  AesBlock first{KeyBytes(counted(32))};
  ByteVector bytes = counted(16, 50);
  first.encrypt(bytes, bytes);
  EXPECT_NE(bytes, counted(16, 50));
  AesBlock second(std::move(first));
  second.decrypt(bytes, bytes);
  EXPECT_EQ(bytes, counted(16, 50));
}

TEST(AesBlockEncrypt, GivesEqualBlocksForEqualBlocks) {
  AesBlock block{KeyBytes(counted(16))};
  ByteVector first(16);
  ByteVector second(16);
  block.encrypt(counted(16), first);
  block.encrypt(counted(16), second);
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace ss::cipher
