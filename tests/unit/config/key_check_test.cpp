#include "ss/config/key_check.hpp"

#include <gtest/gtest.h>

#include <string>

#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

std::string method_fault(std::string_view name) {
  const auto checked = check_method(name);
  const Complaint* const complaint = std::get_if<Complaint>(&checked);
  return complaint ? complaint->what + "; " + complaint->instead : std::string();
}

std::string password_fault(std::string_view method, std::string_view text, Programs program = Programs::local) {
  const std::optional<Complaint> complaint = check_password(*cipher::find_method(method), text, program);
  return complaint ? complaint->what + "; " + complaint->instead : std::string();
}

TEST(CheckMethod, TakesEveryMethod) {
  for (const cipher::Method& method : cipher::methods()) EXPECT_EQ(method_fault(method.name), "");
}

TEST(CheckMethod, SaysThatStreamMethodsAreBroken) {
  for (const std::string_view name : {"table",
                                      "rc4",
                                      "rc4-md5",
                                      "aes-128-cfb",
                                      "aes-192-cfb",
                                      "aes-256-cfb",
                                      "aes-128-ctr",
                                      "aes-192-ctr",
                                      "aes-256-ctr",
                                      "aes-128-ofb",
                                      "aes-192-ofb",
                                      "aes-256-ofb",
                                      "bf-cfb",
                                      "camellia-128-cfb",
                                      "camellia-192-cfb",
                                      "camellia-256-cfb",
                                      "cast5-cfb",
                                      "des-cfb",
                                      "idea-cfb",
                                      "rc2-cfb",
                                      "seed-cfb",
                                      "salsa20",
                                      "chacha20",
                                      "chacha20-ietf",
                                      "xchacha20"}) {
    EXPECT_NE(method_fault(name).find("is a broken stream cipher"), std::string::npos) << name;
    EXPECT_NE(method_fault(name).find("2022-blake3-aes-256-gcm"), std::string::npos) << name;
  }
}

TEST(CheckMethod, NamesNearestMethod) {
  EXPECT_EQ(method_fault("aes-256-gmc"), "aes-256-gmc is not a known method; did you mean `aes-256-gcm`?");
}

TEST(CheckMethod, DoesNotShowWhatMayBeAPassword) {
  const std::string fault = method_fault("correct horse battery staple");
  EXPECT_EQ(fault.find("horse"), std::string::npos);
  EXPECT_NE(fault.find("chacha20-ietf-poly1305"), std::string::npos);
}

TEST(CheckPsk, NamesBytesNeededAndCommand) {
  EXPECT_EQ(password_fault("2022-blake3-aes-256-gcm", kKey32), "");
  EXPECT_EQ(password_fault("2022-blake3-aes-256-gcm", kKey16),
            "the key has 16 bytes, but 2022-blake3-aes-256-gcm needs 32; "
            "`ss-server genkey 2022-blake3-aes-256-gcm` makes one");
  EXPECT_EQ(password_fault("2022-blake3-aes-128-gcm", kKey32),
            "the key has 32 bytes, but 2022-blake3-aes-128-gcm needs 16; "
            "`ss-server genkey 2022-blake3-aes-128-gcm` makes one");
  EXPECT_EQ(password_fault("2022-blake3-chacha20-poly1305", "hunter2!"),
            "is not base64, and 2022-blake3-chacha20-poly1305 needs a key, not a password of one's own; "
            "`ss-server genkey 2022-blake3-chacha20-poly1305` makes one");
}

TEST(CheckPsk, TakesMissingPaddingButNotTheUrlAlphabet) {
  EXPECT_EQ(password_fault("2022-blake3-aes-128-gcm", "AAECAwQFBgcICQoLDA0ODw"), "");
  EXPECT_EQ(password_fault("2022-blake3-aes-128-gcm", "-_ECAwQFBgcICQoLDA0ODw"),
            password_fault("2022-blake3-aes-128-gcm", "????"));
}

TEST(CheckPassword, TakesAnyTextForSip004) {
  EXPECT_EQ(password_fault("aes-256-gcm", "a:b"), "");
  EXPECT_EQ(password_fault("aes-256-gcm", ""), "is empty; `ss-server genkey aes-256-gcm` makes one");
  EXPECT_EQ(password_fault("none", ""), "");
}

TEST(CheckPassword, TakesKeyChainsOnTheClientAlone) {
  const std::string chain = std::string(kKey32) + ":" + std::string(kOtherKey32);
  EXPECT_EQ(password_fault("2022-blake3-aes-256-gcm", chain), "");
  EXPECT_TRUE(password_fault("2022-blake3-aes-256-gcm", chain, Programs::server).starts_with("holds several keys; "));
  EXPECT_TRUE(password_fault("2022-blake3-chacha20-poly1305", chain).starts_with("holds several keys, but "));
}

TEST(CheckPassword, NamesTheBadKeyOfAChain) {
  const std::string good(kKey32);
  EXPECT_TRUE(password_fault("2022-blake3-aes-256-gcm", good + ":" + std::string(kKey16))
                  .starts_with("key 2 of the chain: the key has 16 bytes"));
  EXPECT_TRUE(password_fault("2022-blake3-aes-256-gcm", ":" + good).starts_with("key 1 of the chain: "));
  EXPECT_TRUE(password_fault("2022-blake3-aes-256-gcm", good + ":").starts_with("key 2 of the chain: "));
}

TEST(CheckPassword, LimitsChains) {
  std::string chain(kKey32);
  for (std::size_t i = 0; i < kMaxIdentityKeys; ++i) chain += ":" + std::string(kKey32);
  EXPECT_EQ(password_fault("2022-blake3-aes-256-gcm", chain), "");
  chain += ":" + std::string(kKey32);
  EXPECT_TRUE(password_fault("2022-blake3-aes-256-gcm", chain).starts_with("holds more than 17 keys"));
}

}  // namespace
}  // namespace ss::config
