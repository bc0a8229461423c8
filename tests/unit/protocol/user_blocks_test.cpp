#include "ss/protocol/user_blocks.hpp"

#include <gtest/gtest.h>

#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

KeyBytes key_of(std::size_t user) {
  ByteVector bytes = pattern(16);
  put_u16be(bytes.data(), static_cast<std::uint16_t>(user));
  return KeyBytes(bytes);
}

ServerCredentials with_users(std::size_t count) {
  auto credentials = *ServerCredentials::from_password(method("2022-blake3-aes-128-gcm"), psk(pattern(16, 99)));
  for (std::size_t user = 0; user < count; ++user) credentials.add_user("user", psk(key_of(user).reveal())).value();
  return credentials;
}

/// Whether the block of `user` holds its key.
void expect_right(UserBlocks& blocks, const KeyBytes& key, std::size_t user) {
  std::array<std::uint8_t, 16> expected;
  std::array<std::uint8_t, 16> given;
  cipher::AesBlock(key).encrypt(pattern(16), expected);
  blocks.of(user).encrypt(pattern(16), given);
  EXPECT_EQ(given, expected) << user;
}

TEST(UserBlocksOf, IsTheServersKeyWithoutUsers) {
  const ServerCredentials credentials = with_users(0);
  UserBlocks blocks(credentials);
  expect_right(blocks, credentials.server_key(), 0);
}

TEST(UserBlocksOf, KeepsABlockThatIsThere) {
  const ServerCredentials credentials = with_users(3);
  UserBlocks blocks(credentials);
  const cipher::AesBlock* const first = &blocks.of(1);
  EXPECT_EQ(&blocks.of(1), first);
  for (std::size_t user = 0; user < 3; ++user) expect_right(blocks, key_of(user), user);
}

TEST(UserBlocksOf, GivesTheOldestPlaceToTheNextUser) {
  const std::size_t count = UserBlocks::kMost + 10;
  const ServerCredentials credentials = with_users(count);
  UserBlocks blocks(credentials);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t user = 0; user < count; ++user) expect_right(blocks, key_of(user), user);
  }
  // In pairs that share a place.
  for (int round = 0; round < 2; ++round) {
    expect_right(blocks, key_of(0), 0);
    expect_right(blocks, key_of(UserBlocks::kMost), UserBlocks::kMost);
  }
}

}  // namespace
}  // namespace ss::protocol
