#include "ss/config/generate.hpp"

#include <gtest/gtest.h>

#include "ss/config/key_check.hpp"
#include "ss/config/password_strength.hpp"

namespace ss::config {
namespace {

class CountingEntropy final : public Entropy {
 public:
  void fill(Bytes out) override {
    for (std::uint8_t& byte : out) byte = next_ = static_cast<std::uint8_t>(next_ * 5 + 113);
  }

 private:
  std::uint8_t next_ = 0;
};

TEST(GenerateSecret, FitsEveryMethod) {
  CountingEntropy entropy;
  for (const cipher::Method& method : cipher::methods()) {
    const std::string secret = generate_secret(method, entropy);
    EXPECT_FALSE(check_password(method, secret, Programs::server)) << method.name;
    EXPECT_EQ(secret.empty(), method.family == cipher::Family::plain);
    if (!secret.empty()) {
      EXPECT_NE(secret, generate_secret(method, entropy));
    }
  }
}

TEST(GenerateSecret, IsStrongForSip004) {
  CountingEntropy entropy;
  const std::string secret = generate_secret(*cipher::find_method("aes-256-gcm"), entropy);
  EXPECT_EQ(secret.size(), 24u);
  EXPECT_GE(password_bits(secret), kStrongBits);
}

TEST(GenerateSecret, IsTheRandomBytesInBase64) {
  CountingEntropy entropy;
  EXPECT_EQ(generate_secret(*cipher::find_method("2022-blake3-aes-128-gcm"), entropy), "caav3L0iG/hJ3sdUFdqz8A==");
}

}  // namespace
}  // namespace ss::config
