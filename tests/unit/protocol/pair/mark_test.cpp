#include "ss/protocol/pair/mark.hpp"

#include <gtest/gtest.h>

#include "unit/protocol/stream_support.hpp"

namespace ss::protocol::pair {
namespace {

using namespace ss::protocol::testing;

/// Salts of which all but the mark is `random`, as a handshake draws them.
ByteVector salt_of(std::size_t length, std::size_t first) {
  return pattern(length, first);
}

TEST(MarkPut, MatchesTheVectors) {
  static const nlohmann::json all = vectors("pair.json");
  for (const auto& each : all["marks"]) {
    const KeyBytes key(of_hex(each["key"]));
    const ByteVector request = of_hex(each["request_salt"]);
    const ByteVector response = of_hex(each["response_salt"]);
    const std::size_t random = request.size() - mark_length(request.size());
    ByteVector salt = request;
    std::fill(salt.begin() + static_cast<std::ptrdiff_t>(random), salt.end(), std::uint8_t{0});
    put_request_mark(key, salt);
    EXPECT_EQ(salt, request) << each["method"];
    EXPECT_TRUE(has_request_mark(key, request));

    salt = response;
    std::fill(salt.begin() + static_cast<std::ptrdiff_t>(random), salt.end(), std::uint8_t{0});
    put_response_mark(key, request, salt);
    EXPECT_EQ(salt, response) << each["method"];
    EXPECT_TRUE(has_response_mark(key, request, response));
  }
}

TEST(MarkPut, LeavesTheRandomPartAlone) {
  for (const std::size_t length : {16U, 24U, 32U}) {
    ByteVector salt = salt_of(length, 7);
    put_request_mark(KeyBytes(pattern(length)), salt);
    const std::size_t random = length - mark_length(length);
    EXPECT_GE(random, 10U);
    EXPECT_TRUE(
        std::equal(salt.begin(), salt.begin() + static_cast<std::ptrdiff_t>(random), salt_of(length, 7).begin()));
    EXPECT_NE(salt, salt_of(length, 7));
  }
}

TEST(MarkLook, MissesWhereAnyBitDiffers) {
  for (const std::size_t length : {16U, 24U, 32U}) {
    const KeyBytes key(pattern(length));
    ByteVector request = salt_of(length, 7);
    put_request_mark(key, request);
    ByteVector response = salt_of(length, 90);
    put_response_mark(key, request, response);
    for (std::size_t bit = 0; bit < 8 * length; ++bit) {
      const auto flip = static_cast<std::uint8_t>(1 << bit % 8);
      request[bit / 8] ^= flip;
      EXPECT_FALSE(has_request_mark(key, request)) << bit;
      EXPECT_FALSE(has_response_mark(key, request, response)) << bit;
      request[bit / 8] ^= flip;
      response[bit / 8] ^= flip;
      EXPECT_FALSE(has_response_mark(key, request, response)) << bit;
      response[bit / 8] ^= flip;
    }
    EXPECT_TRUE(has_request_mark(key, request));
    EXPECT_TRUE(has_response_mark(key, request, response));
  }
}

TEST(MarkLook, MissesUnderAnotherKey) {
  ByteVector salt = salt_of(32, 7);
  put_request_mark(KeyBytes(pattern(32, 1)), salt);
  EXPECT_FALSE(has_request_mark(KeyBytes(pattern(32, 2)), salt));
}

TEST(MarkLook, TellsRequestsFromResponses) {
  const KeyBytes key(pattern(32));
  ByteVector request = salt_of(32, 7);
  put_request_mark(key, request);
  EXPECT_FALSE(has_response_mark(key, request, request));
  ByteVector response = salt_of(32, 90);
  put_response_mark(key, request, response);
  EXPECT_FALSE(has_request_mark(key, response));
}

TEST(MarkLook, TakesNoRandomSaltForAMark) {
  ScriptedEntropy entropy;
  const KeyBytes key(pattern(16));
  ByteVector salt(16);
  for (int i = 0; i < 20'000; ++i) {
    entropy.fill(salt);
    EXPECT_FALSE(has_request_mark(key, salt));
    EXPECT_FALSE(has_response_mark(key, pattern(16), salt));
  }
}

}  // namespace
}  // namespace ss::protocol::pair
