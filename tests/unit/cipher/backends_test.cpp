#include <gtest/gtest.h>

#include "backend.hpp"
#include "support.hpp"

namespace ss::cipher {
namespace {

TEST(BackendRule, GivesAesGcmToIpsecMbWhereItIs) {
  const AeadBackend& wanted = ipsec_mb_backend() != nullptr ? *ipsec_mb_backend() : openssl_backend();
  EXPECT_EQ(&quickest_backend(Algorithm::aes_128_gcm), &wanted);
  EXPECT_EQ(&quickest_backend(Algorithm::aes_256_gcm), &wanted);
}

TEST(BackendRule, TreatsXchachaLikeChacha) {
  EXPECT_EQ(&quickest_backend(Algorithm::xchacha20_poly1305), &quickest_backend(Algorithm::chacha20_poly1305));
}

TEST(BackendChoice, FollowsUseBackend) {
  for (const Backend backend : kBackends) {
    if (!use_backend(backend)) continue;
    for (const Algorithm algorithm : kAlgorithms) EXPECT_EQ(backend_of(algorithm), backend);
  }
}

TEST(BackendChoice, StaysWhereTheBackEndIsMissing) {
  if (ipsec_mb_backend() != nullptr) GTEST_SKIP() << "both back ends are here";
  EXPECT_FALSE(use_backend(Backend::ipsec_mb));
  EXPECT_EQ(backend_of(Algorithm::aes_256_gcm), Backend::openssl);
}

TEST(BackendChoice, IsDescribedForBothFamiliesOfAlgorithms) {
  ASSERT_TRUE(use_backend(Backend::openssl));
  const std::string openssl = openssl_backend().describe();
  EXPECT_EQ(describe_backends(), "aes-gcm: " + openssl + ", chacha20-poly1305: " + openssl);
}

}  // namespace
}  // namespace ss::cipher
