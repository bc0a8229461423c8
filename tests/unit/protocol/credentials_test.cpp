#include "ss/protocol/credentials.hpp"

#include <gtest/gtest.h>

#include "ss/cipher/kdf.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using testing::method;
using testing::pattern;
using testing::psk;
using testing::secret;

const std::string kAes256 = "2022-blake3-aes-256-gcm";
const std::string kChaCha = "2022-blake3-chacha20-poly1305";

bool equal(const KeyBytes& key, ConstBytes bytes) {
  return std::ranges::equal(key.reveal(), bytes);
}

TEST(ClientCredentialsFromPassword, DerivesTheMasterKeyOfSip004) {
  const auto vectors = testing::vectors("aead_tcp.json");
  for (const auto& each : vectors["methods"]) {
    const auto credentials =
        ClientCredentials::from_password(method(each["method"]), secret(each["password"].get<std::string>()));
    ASSERT_TRUE(credentials);
    EXPECT_TRUE(equal(credentials->key(), testing::of_hex(each["master_key"])));
  }
}

TEST(ClientCredentialsFromPassword, TakesAColonForACharacterInSip004) {
  const auto credentials = ClientCredentials::from_password(method("aes-256-gcm"), secret("a:b"));
  ASSERT_TRUE(credentials);
  EXPECT_TRUE(credentials->identity_keys().empty());
  EXPECT_TRUE(equal(credentials->key(), cipher::master_key_from_password(bytes_of("a:b"), 32).reveal()));
}

TEST(ClientCredentialsFromPassword, SplitsAChainOfKeys) {
  const ByteVector a = pattern(32, 1);
  const ByteVector b = pattern(32, 2);
  const ByteVector c = pattern(32, 3);
  const std::string chain = cipher::base64(a) + ":" + cipher::base64(b) + ":" + cipher::base64(c);
  const auto credentials = ClientCredentials::from_password(method(kAes256), secret(chain));
  ASSERT_TRUE(credentials);
  ASSERT_EQ(credentials->identity_keys().size(), 2U);
  EXPECT_TRUE(equal(credentials->identity_keys()[0], a));
  EXPECT_TRUE(equal(credentials->identity_keys()[1], b));
  EXPECT_TRUE(equal(credentials->key(), c));
}

TEST(ClientCredentialsFromPassword, RefusesKeysOfAnotherLength) {
  for (const std::size_t length : {0U, 16U, 31U, 33U, 64U}) {
    EXPECT_EQ(ClientCredentials::from_password(method(kAes256), psk(pattern(length))).error(), Errc::bad_key_length);
  }
  const std::string mixed = cipher::base64(pattern(16)) + ":" + cipher::base64(pattern(32));
  EXPECT_EQ(ClientCredentials::from_password(method(kAes256), secret(mixed)).error(), Errc::bad_key_length);
}

TEST(ClientCredentialsFromPassword, RefusesWhatIsNotBase64) {
  const std::string key = cipher::base64(pattern(32));
  for (const std::string& text : {std::string("password!"), key + "!", key + ":*"}) {
    EXPECT_EQ(ClientCredentials::from_password(method(kAes256), secret(text)).error(), Errc::bad_base64) << text;
  }
  for (const std::string& text : {":" + key, key + ":", std::string(key).append("::").append(key)}) {
    EXPECT_FALSE(ClientCredentials::from_password(method(kAes256), secret(text))) << text;
  }
}

TEST(ClientCredentialsFromPassword, RefusesAChainWhereThereAreNoIdentityHeaders) {
  const std::string key = cipher::base64(pattern(32));
  EXPECT_TRUE(ClientCredentials::from_password(method(kChaCha), secret(key)));
  EXPECT_EQ(ClientCredentials::from_password(method(kChaCha), secret(key + ":" + key)).error(), Errc::bad_key_length);
}

TEST(ClientCredentialsFromPassword, BoundsTheChain) {
  std::string chain = cipher::base64(pattern(32));
  for (std::size_t i = 0; i < ClientCredentials::kMaxIdentityKeys; ++i) chain += ":" + cipher::base64(pattern(32, i));
  EXPECT_TRUE(ClientCredentials::from_password(method(kAes256), secret(chain)));
  chain += ":" + cipher::base64(pattern(32));
  EXPECT_EQ(ClientCredentials::from_password(method(kAes256), secret(chain)).error(), Errc::too_long);
}

TEST(CredentialsFromKey, TakeARawKeyOfTheRightLength) {
  EXPECT_TRUE(equal(ClientCredentials::from_key(method("aes-192-gcm"), pattern(24))->key(), pattern(24)));
  EXPECT_TRUE(equal(ServerCredentials::from_key(method("aes-192-gcm"), pattern(24))->server_key(), pattern(24)));
  EXPECT_EQ(ClientCredentials::from_key(method("aes-192-gcm"), pattern(32)).error(), Errc::bad_key_length);
  EXPECT_EQ(ServerCredentials::from_key(method("aes-192-gcm"), pattern(23)).error(), Errc::bad_key_length);
}

TEST(ServerCredentials, HoldOneAnonymousUserAtFirst) {
  const auto credentials = ServerCredentials::from_password(method("aes-128-gcm"), secret("barfoo!"));
  ASSERT_TRUE(credentials);
  EXPECT_FALSE(credentials->has_users());
  ASSERT_EQ(credentials->users().size(), 1U);
  EXPECT_EQ(credentials->users()[0].name, "");
  EXPECT_TRUE(equal(credentials->users()[0].key, credentials->server_key().reveal()));
}

TEST(ServerCredentials, TakeAPasswordForOneKeyOnly) {
  const std::string key = cipher::base64(pattern(32));
  EXPECT_EQ(ServerCredentials::from_password(method(kAes256), secret(key + ":" + key)).error(), Errc::bad_base64);
  EXPECT_EQ(ServerCredentials::from_password(method(kAes256), psk(pattern(16))).error(), Errc::bad_key_length);
}

TEST(ServerCredentialsAddUser, ReplacesTheAnonymousUser) {
  auto credentials = *ServerCredentials::from_password(method(kAes256), psk(pattern(32)));
  ASSERT_TRUE(credentials.add_user("alice", psk(pattern(32, 1))));
  ASSERT_TRUE(credentials.add_user("bob", psk(pattern(32, 2))));
  EXPECT_TRUE(credentials.has_users());
  ASSERT_EQ(credentials.users().size(), 2U);
  EXPECT_EQ(credentials.users()[0].name, "alice");
  EXPECT_EQ(credentials.users()[1].name, "bob");
  EXPECT_EQ(credentials.find_user(cipher::psk_hash(KeyBytes(pattern(32, 1)))), 0U);
  EXPECT_EQ(credentials.find_user(cipher::psk_hash(KeyBytes(pattern(32, 2)))), 1U);
  EXPECT_EQ(credentials.find_user(cipher::psk_hash(KeyBytes(pattern(32)))), 2U);
}

TEST(ServerCredentialsAddUser, RefusesAKeyThatAnotherUserHas) {
  for (const std::string& name : {kAes256, std::string("chacha20-ietf-poly1305")}) {
    auto credentials = *ServerCredentials::from_password(method(name), psk(pattern(32)));
    ASSERT_TRUE(credentials.add_user("alice", psk(pattern(32, 1))));
    EXPECT_EQ(credentials.add_user("bob", psk(pattern(32, 1))).error(), Errc::repeated_key);
    EXPECT_EQ(credentials.users().size(), 1U);
    EXPECT_TRUE(credentials.add_user("bob", psk(pattern(32, 2))));
  }
}

TEST(ServerCredentialsAddUser, RefusesBadKeysAndLeavesAllAsItWas) {
  auto credentials = *ServerCredentials::from_password(method(kAes256), psk(pattern(32)));
  EXPECT_EQ(credentials.add_user("alice", psk(pattern(16))).error(), Errc::bad_key_length);
  EXPECT_EQ(credentials.add_user("alice", secret("*")).error(), Errc::bad_base64);
  EXPECT_FALSE(credentials.has_users());
  EXPECT_EQ(credentials.users().size(), 1U);
}

TEST(ServerCredentialsAddUser, RefusesUsersWhereNothingTellsThemApart) {
  auto chacha = *ServerCredentials::from_password(method(kChaCha), psk(pattern(32)));
  EXPECT_EQ(chacha.add_user("alice", psk(pattern(32, 1))).error(), Errc::bad_key_length);
  auto plain = *ServerCredentials::from_password(method("none"), Secret());
  EXPECT_EQ(plain.add_user("alice", secret("x")).error(), Errc::bad_key_length);
}

TEST(ServerCredentialsAddUser, BoundsUsersThatMustBeTried) {
  auto credentials = *ServerCredentials::from_password(method("aes-128-gcm"), secret("server"));
  for (std::size_t i = 0; i < ServerCredentials::kMaxTrialUsers; ++i) {
    ASSERT_TRUE(credentials.add_user(std::to_string(i), secret(std::to_string(i))));
  }
  EXPECT_EQ(credentials.add_user("one more", secret("one more")).error(), Errc::too_long);
  auto found = *ServerCredentials::from_password(method(kAes256), psk(pattern(32)));
  for (std::size_t i = 0; i <= ServerCredentials::kMaxTrialUsers; ++i) {
    ByteVector key = pattern(32);
    put_u16be(key.data(), static_cast<std::uint16_t>(i));
    ASSERT_TRUE(found.add_user("user", psk(key)));
  }
}

}  // namespace
}  // namespace ss::protocol
