#include "ss/protocol/replay/own_salts.hpp"

#include <gtest/gtest.h>

#include <set>

#include "unit/protocol/packet_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

using Side = OwnSalts::Side;

const KeyBytes kKey(pattern(32));
constexpr std::size_t kLengths[] = {16, 24, 32};

ByteVector drawn(const OwnSalts& salts, std::size_t length, std::uint8_t seed = 9) {
  ScriptedEntropy entropy;
  entropy.then(pattern(length - (length == 16 ? 4 : 8), seed));
  ByteVector salt(length);
  salts.draw(entropy, salt);
  return salt;
}

TEST(OwnSaltsDraw, LeavesAllButTheMarkRandom) {
  const OwnSalts salts(kKey, Side::server);
  EXPECT_EQ(copy(ConstBytes(drawn(salts, 16)).first(12)), pattern(12, 9));
  EXPECT_EQ(copy(ConstBytes(drawn(salts, 24)).first(16)), pattern(16, 9));
  EXPECT_EQ(copy(ConstBytes(drawn(salts, 32)).first(24)), pattern(24, 9));
}

TEST(OwnSaltsContains, KnowsWhatThatSideDrewAndNothingElse) {
  const OwnSalts server(kKey, Side::server);
  const OwnSalts client(kKey, Side::client);
  const OwnSalts other(KeyBytes(pattern(32, 1)), Side::server);
  for (const std::size_t length : kLengths) {
    const ByteVector salt = drawn(server, length);
    EXPECT_TRUE(server.contains(salt));
    EXPECT_TRUE(OwnSalts(kKey, Side::server).contains(salt)) << "a program started since";
    EXPECT_FALSE(client.contains(salt));
    EXPECT_FALSE(other.contains(salt));
    EXPECT_FALSE(server.contains(pattern(length)));
  }
}

TEST(OwnSaltsContains, IsFalseWithAnyBitFlipped) {
  const OwnSalts salts(kKey, Side::client);
  for (const std::size_t length : kLengths) {
    ByteVector salt = drawn(salts, length);
    for (std::size_t bit = 0; bit < 8 * length; ++bit) {
      salt[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_FALSE(salts.contains(salt)) << length << ' ' << bit;
      salt[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
  }
}

TEST(OwnSaltsDraw, MarksEverySaltDifferently) {
  const OwnSalts salts(kKey, Side::client);
  std::set<ByteVector> marks;
  for (std::uint8_t seed = 0; seed < 100; ++seed) marks.insert(copy(ConstBytes(drawn(salts, 32, seed)).last(8)));
  EXPECT_EQ(marks.size(), 100U);
}

}  // namespace
}  // namespace ss::protocol
