#include "ss/config/password_strength.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ss::config {
namespace {

TEST(PasswordBits, IsLowForWhatPeopleChoose) {
  for (const std::string_view text :
       {"", "a", "password", "barfoo!", "P@ssw0rd123", "mypassword", "qwertyuiop1234567890",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "12345678901234567890", "abcdefghijklmnopqrstuvwxyz", "shadowsocks2024",
        "hunter2", "abcabcabcabcabcabcabcabc", "letmein-please", "5ux7-Kq2p", "correcthorse"}) {
    EXPECT_LT(password_bits(text), kStrongBits) << text;
  }
}

TEST(PasswordBits, IsHighForRandomText) {
  for (const std::string_view text : {"k7Qz2vRm9XwL4t", "dyyrnjzbgfhqkswm", "Tq8!mZ3#pW6&",
                                      "correct horse battery staple", "9f86d081884c7d659a2f", "vBn0LsQ2y8XkJm5RtW1a"}) {
    EXPECT_GE(password_bits(text), kStrongBits) << text;
  }
}

TEST(PasswordBits, GrowsWithLengthAndStopsAtALimit) {
  EXPECT_GT(password_bits("k7Qz2vRm"), password_bits("k7Qz2v"));
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += static_cast<char>('!' + i * 37 % 90);
  EXPECT_LT(password_bits(text), 128 * 7);
}

}  // namespace
}  // namespace ss::config
