#include <gtest/gtest.h>

#include "backend.hpp"
#include "support.hpp"

namespace ss::cipher {
namespace {

class IpsecMbBackend : public testing::Test {
 protected:
  void SetUp() override {
    if (ipsec_mb_backend() == nullptr) GTEST_SKIP() << "this build or processor lacks the back end";
  }

  static constexpr std::array<std::uint8_t, kRecordNonce> kNonce = {9, 8, 7};
};

TEST_F(IpsecMbBackend, IsOneForTheProcess) {
  EXPECT_EQ(ipsec_mb_backend(), ipsec_mb_backend());
}

TEST_F(IpsecMbBackend, TakesTextAtAnyAlignment) {
  const AeadBackend& backend = *ipsec_mb_backend();
  for (const Algorithm algorithm : {Algorithm::aes_128_gcm, Algorithm::aes_256_gcm, Algorithm::chacha20_poly1305}) {
    Slot slot{};
    backend.expand(slot, algorithm, key_of(algorithm).reveal());
    for (std::size_t shift = 0; shift < 64; ++shift) {
      ByteVector room(shift + 300 + kTagLength);
      const Bytes text = Bytes(room).subspan(shift, 300);
      const Bytes tag = Bytes(room).last(kTagLength);
      backend.seal(slot, algorithm, kNonce, text, tag);
      EXPECT_TRUE(backend.open(slot, algorithm, kNonce, text, tag, text)) << shift;
      EXPECT_EQ(room[shift], 0);
    }
  }
}

TEST_F(IpsecMbBackend, JudgesTheTagItself) {
  const AeadBackend& backend = *ipsec_mb_backend();
  Slot slot{};
  backend.expand(slot, Algorithm::aes_256_gcm, counted(32));
  ByteVector text = counted(40);
  ByteVector tag(kTagLength);
  backend.seal(slot, Algorithm::aes_256_gcm, kNonce, text, tag);
  tag[0] ^= 0x80;
  EXPECT_FALSE(backend.open(slot, Algorithm::aes_256_gcm, kNonce, text, tag, text));
}

TEST_F(IpsecMbBackend, NamesItsVersionAndProcessorClass) {
  EXPECT_EQ(ipsec_mb_backend()->describe().rfind("intel-ipsec-mb 1.", 0), 0U);
}

}  // namespace
}  // namespace ss::cipher
