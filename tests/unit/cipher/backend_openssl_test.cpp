#include <gtest/gtest.h>

#include "backend.hpp"
#include "support.hpp"

namespace ss::cipher {
namespace {

struct OwnedSlot : Slot {
  OwnedSlot() : Slot() {}
  ~OwnedSlot() { free_openssl_context(*this); }
};

constexpr std::array<std::uint8_t, kRecordNonce> kNonce = {1, 2, 3};

TEST(OpensslBackendExpand, ReusesTheContextForAnotherKey) {
  const AeadBackend& backend = openssl_backend();
  OwnedSlot slot;
  ByteVector text = counted(10);
  ByteVector tag(kTagLength);
  backend.expand(slot, Algorithm::aes_128_gcm, counted(16));
  void* const context = slot.context;
  backend.expand(slot, Algorithm::chacha20_poly1305, counted(32));
  EXPECT_EQ(slot.context, context);
  backend.seal(slot, Algorithm::chacha20_poly1305, kNonce, text, tag);
  EXPECT_TRUE(backend.open(slot, Algorithm::chacha20_poly1305, kNonce, text, tag, text));
  EXPECT_EQ(text, counted(10));
}

TEST(OpensslBackendForget, LeavesTheContextForTheNextKey) {
  const AeadBackend& backend = openssl_backend();
  OwnedSlot slot;
  backend.expand(slot, Algorithm::aes_128_gcm, counted(16));
  void* const context = slot.context;
  forget_openssl_key(slot);
  backend.expand(slot, Algorithm::aes_128_gcm, counted(16, 1));
  EXPECT_EQ(slot.context, context);
  ByteVector tag(kTagLength);
  backend.seal(slot, Algorithm::aes_128_gcm, kNonce, {}, tag);
  EXPECT_TRUE(backend.open(slot, Algorithm::aes_128_gcm, kNonce, {}, tag, {}));
}

TEST(OpensslBackendDescribe, NamesTheVersion) {
  EXPECT_EQ(openssl_backend().describe().rfind("OpenSSL 3.", 0), 0U);
}

}  // namespace
}  // namespace ss::cipher
