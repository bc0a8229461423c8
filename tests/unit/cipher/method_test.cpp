#include "ss/cipher/method.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ss::cipher {
namespace {

struct Row {
  std::string_view name;
  Family family;
  Algorithm algorithm;
  unsigned key;
  unsigned salt;
  unsigned nonce;
  bool identity_headers;
};

TEST(MethodTable, HoldsTheRowsOfTheSpecifications) {
  const Row rows[] = {
      {"aes-128-gcm", Family::aead2017, Algorithm::aes_128_gcm, 16, 16, 12, false},
      {"aes-192-gcm", Family::aead2017, Algorithm::aes_192_gcm, 24, 24, 12, false},
      {"aes-256-gcm", Family::aead2017, Algorithm::aes_256_gcm, 32, 32, 12, false},
      {"chacha20-ietf-poly1305", Family::aead2017, Algorithm::chacha20_poly1305, 32, 32, 12, false},
      {"xchacha20-ietf-poly1305", Family::aead2017, Algorithm::xchacha20_poly1305, 32, 32, 24, false},
      {"2022-blake3-aes-128-gcm", Family::aead2022, Algorithm::aes_128_gcm, 16, 16, 12, true},
      {"2022-blake3-aes-256-gcm", Family::aead2022, Algorithm::aes_256_gcm, 32, 32, 12, true},
      {"2022-blake3-chacha20-poly1305", Family::aead2022, Algorithm::chacha20_poly1305, 32, 32, 12, false},
      {"none", Family::plain, Algorithm::none, 0, 0, 0, false},
  };
  ASSERT_EQ(methods().size(), std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    const Method* const method = find_method(rows[i].name);
    ASSERT_EQ(method, &methods()[i]) << rows[i].name;
    EXPECT_EQ(method->name, rows[i].name);
    EXPECT_EQ(method->family, rows[i].family) << rows[i].name;
    EXPECT_EQ(method->algorithm, rows[i].algorithm) << rows[i].name;
    EXPECT_EQ(method->key_length, rows[i].key) << rows[i].name;
    EXPECT_EQ(method->salt_length(), rows[i].salt) << rows[i].name;
    EXPECT_EQ(method->nonce_length, rows[i].nonce) << rows[i].name;
    EXPECT_EQ(method->identity_headers, rows[i].identity_headers) << rows[i].name;
    EXPECT_FALSE(is_stream_method(rows[i].name)) << rows[i].name;
  }
}

TEST(MethodFind, TakesAliasesAndEitherCase) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"chacha20-poly1305", "chacha20-ietf-poly1305"},
      {"AEAD_CHACHA20_POLY1305", "chacha20-ietf-poly1305"},
      {"AEAD_AES_128_GCM", "aes-128-gcm"},
      {"AEAD_AES_256_GCM", "aes-256-gcm"},
      {"plain", "none"},
      {"AES-256-GCM", "aes-256-gcm"},
      {"2022-BLAKE3-AES-128-GCM", "2022-blake3-aes-128-gcm"}};
  for (const auto& [given, name] : cases) {
    ASSERT_NE(find_method(given), nullptr) << given;
    EXPECT_EQ(find_method(given)->name, name);
  }
}

TEST(MethodFind, KnowsNoOtherName) {
  for (const auto* name :
       {"", "aes-256", "aes-256-gcm ", "aes-256-cfb", "aes-256-gcmx", "2022-blake3-chacha8-poly1305"}) {
    EXPECT_EQ(find_method(name), nullptr) << name;
  }
}

TEST(MethodIsStream, KnowsTheBrokenCiphersOfOld) {
  for (const auto* name : {"rc4-md5", "AES-256-CFB", "aes-128-ctr", "chacha20", "chacha20-ietf", "salsa20", "bf-cfb",
                           "camellia-256-cfb", "table", "rc4"}) {
    EXPECT_TRUE(is_stream_method(name)) << name;
    EXPECT_EQ(find_method(name), nullptr) << name;
  }
  EXPECT_FALSE(is_stream_method("aes-256-xyz"));
  EXPECT_FALSE(is_stream_method(""));
}

TEST(MethodDefault, IsA2022MethodOf256Bits) {
  EXPECT_TRUE(default_method().is_2022());
  EXPECT_EQ(default_method().key_length, 32);
#if defined(__x86_64__)
  EXPECT_EQ(default_method().algorithm == Algorithm::aes_256_gcm, __builtin_cpu_supports("aes") != 0);
#endif
}

}  // namespace
}  // namespace ss::cipher
