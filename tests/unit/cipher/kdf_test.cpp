#include "ss/cipher/kdf.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "support.hpp"

namespace ss::cipher {
namespace {

TEST(MasterKeyFromPassword, MatchesTheKnownVectors) {
  const auto all = vectors("evp_bytestokey");
  ASSERT_FALSE(all["cases"].empty());
  for (const auto& v : all["cases"]) {
    const KeyBytes key = master_key_from_password(unhex(v["password_hex"]), v["key_len"].get<std::size_t>());
    EXPECT_EQ(hex(key.reveal()), v["key"]) << v["password"];
  }
}

TEST(Subkey2017, MatchesTheKnownVectors) {
  const auto all = vectors("hkdf_sha1");
  ASSERT_FALSE(all["cases"].empty());
  for (const auto& v : all["cases"]) {
    const KeyBytes subkey = subkey_2017(KeyBytes(unhex(v["master_key"])), unhex(v["salt"]));
    EXPECT_EQ(hex(subkey.reveal()), v["subkey"]);
  }
}

TEST(Subkey2017, IsTheSameOnEveryThread) {
  const KeyBytes master(counted(32));
  const std::string here = hex(subkey_2017(master, counted(32, 9)).reveal());
  std::string there;
  std::thread([&] { there = hex(subkey_2017(master, counted(32, 9)).reveal()); }).join();
  EXPECT_EQ(here, there);
}

TEST(Subkeys2022, MatchTheKnownVectors) {
  const auto all = vectors("blake3");
  ASSERT_FALSE(all["shadowsocks"]["cases"].empty());
  for (const auto& v : all["shadowsocks"]["cases"]) {
    const KeyBytes psk(unhex(v["psk"]));
    const ByteVector salt = unhex(v["salt"]);
    EXPECT_EQ(hex(subkey_2022(psk, salt).reveal()), v["session_subkey"]);
    if (v.contains("identity_subkey")) {
      EXPECT_EQ(hex(identity_subkey(psk, salt).reveal()), v["identity_subkey"]);
    }
    if (v.contains("psk_hash16")) {
      EXPECT_EQ(hex(psk_hash(psk)), v["psk_hash16"]);
    }
  }
}

TEST(StreamSubkey, FollowsTheFamilyOfTheMethod) {
  const KeyBytes key(counted(32));
  const ByteVector salt = counted(32, 60);
  EXPECT_EQ(hex(stream_subkey(*find_method("aes-256-gcm"), key, salt).reveal()), hex(subkey_2017(key, salt).reveal()));
  EXPECT_EQ(hex(stream_subkey(*find_method("2022-blake3-aes-256-gcm"), key, salt).reveal()),
            hex(subkey_2022(key, salt).reveal()));
}

}  // namespace
}  // namespace ss::cipher
