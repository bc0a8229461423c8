#include <gtest/gtest.h>

#include <tuple>

#include "ss/protocol/header2022.hpp"
#include "ss/protocol/pair/mark.hpp"
#include "unit/protocol/stream_support.hpp"

/// Marks as they travel: between a client and a server of every method, with and without users.
namespace ss::protocol::pair {
namespace {

using namespace ss::protocol::testing;

const TargetAddress kTarget = target("example.com:443");

class MarkedStream : public ::testing::TestWithParam<PairConfig> {
 protected:
  [[nodiscard]] static bool is_plain() { return method(GetParam().method).family == cipher::Family::plain; }
  [[nodiscard]] static bool is_2022() { return method(GetParam().method).is_2022(); }

  /// A response that begins with `payload`.
  static ByteVector response(Pair& pair, ConstBytes payload, bool marked) {
    Encoder encoder = pair.server.take_encoder(pair.entropy, MonoTime{}, pair.salts, marked);
    return seal_all(encoder, payload, 1000).value();
  }
};

INSTANTIATE_TEST_SUITE_P(Methods, MarkedStream, ::testing::ValuesIn(pair_configs()),
                         [](const auto& each) { return each.param.name; });

TEST_P(MarkedStream, TellsTheServerOfTheMark) {
  for (const bool marked : {true, false}) {
    Pair pair(GetParam(), marked);
    const Parsed<Request> request = pair.feed(pair.first_flight(kTarget, pattern(10)));
    ASSERT_TRUE(request.ready());
    EXPECT_EQ(request.value().marked, marked && !is_plain());
    EXPECT_EQ(request.value().target, kTarget);
    EXPECT_EQ(ByteVector(request.value().payload.begin(), request.value().payload.end()), pattern(10));
  }
}

TEST_P(MarkedStream, IsNotLookedAtWhereTheServerDoesNotWant) {
  Pair pair(GetParam(), true);
  ServerHandshake server(pair.server_keys, pair.keys, false);
  const Parsed<Request> request = server.feed(pair.first_flight(kTarget, pattern(10)), kNow, MonoTime{}, pair.salts);
  ASSERT_TRUE(request.ready());
  EXPECT_FALSE(request.value().marked);
}

TEST_P(MarkedStream, TellsTheClientOfTheMarkInEverySplit) {
  for (const bool marked : {true, false}) {
    Pair pair(GetParam(), true);
    ASSERT_TRUE(pair.feed(pair.first_flight(kTarget, {})).ready());
    const ByteVector wire = response(pair, pattern(300), marked && !is_plain());
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{50}, wire.size()}) {
      Opening opening(pair.client.take_decoder());
      EXPECT_TRUE(opening.feed_in_steps(wire, step));
      EXPECT_EQ(opening.payload, pattern(300));
      EXPECT_EQ(opening.decoder().is_marked(), marked && !is_plain()) << step;
      EXPECT_EQ(opening.decoder().server_time(), is_2022() ? std::optional(kNow) : std::nullopt);
    }
  }
}

TEST_P(MarkedStream, KnowsNothingBeforeTheResponseHasOpened) {
  Pair pair(GetParam(), true);
  ASSERT_TRUE(pair.feed(pair.first_flight(kTarget, {})).ready());
  if (is_plain()) return;
  const ByteVector wire = response(pair, pattern(30), true);
  const std::size_t salt = method(GetParam().method).salt_length();
  const std::size_t head = salt + (is_2022() ? ResponseHeader::length(salt) + cipher::kTagLength : kLengthChunk);
  Opening opening(pair.client.take_decoder());
  EXPECT_TRUE(opening.feed(ConstBytes(wire).first(head - 1)));
  EXPECT_FALSE(opening.decoder().is_marked());
  EXPECT_FALSE(opening.decoder().server_time());
  EXPECT_TRUE(opening.feed(ConstBytes(wire).subspan(head - 1, 1)));
  EXPECT_TRUE(opening.decoder().is_marked());
  EXPECT_EQ(opening.decoder().server_time().has_value(), is_2022());
}

TEST_P(MarkedStream, IsNothingInAResponseThatDoesNotOpen) {
  if (is_plain()) return;
  Pair pair(GetParam(), true);
  ASSERT_TRUE(pair.feed(pair.first_flight(kTarget, {})).ready());
  const ByteVector wire = response(pair, pattern(30), true);
  const std::size_t salt = method(GetParam().method).salt_length();
  const std::size_t head = salt + (is_2022() ? ResponseHeader::length(salt) + cipher::kTagLength : kLengthChunk);
  for (std::size_t bit = 0; bit < 8 * head; ++bit) {
    ByteVector flipped = wire;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    Opening opening(pair.client.take_decoder());
    EXPECT_FALSE(opening.feed(flipped)) << bit;
    EXPECT_FALSE(opening.decoder().is_marked()) << bit;
    EXPECT_FALSE(opening.decoder().server_time()) << bit;
  }
}

TEST_P(MarkedStream, IsNotAnsweredToAnUnmarkedRequest) {
  if (is_plain()) return;
  Pair pair(GetParam(), false);
  ASSERT_TRUE(pair.feed(pair.first_flight(kTarget, {})).ready());
  Opening opening(pair.client.take_decoder());
  EXPECT_TRUE(opening.feed(response(pair, pattern(30), true)));
  EXPECT_FALSE(opening.decoder().is_marked());
}

TEST_P(MarkedStream, AnswersItsOwnRequestAlone) {
  if (is_plain()) return;
  Pair one(GetParam(), true);
  Pair other(GetParam(), true);
  other.entropy.then(pattern(64, 99));
  ClientHandshake second(other.client_keys, other.keys, other.entropy, true);
  ByteVector flight(ClientHandshake::kMaxFirstFlight);
  flight.resize(second.first_flight(kTarget, {}, kNow, flight));
  ASSERT_TRUE(other.feed(flight).ready());
  ASSERT_TRUE(one.feed(one.first_flight(kTarget, {})).ready());
  const ByteVector wire = response(other, pattern(30), true);
  Opening opening(one.client.take_decoder());
  // A SIP004 response is bound to no request, so it opens; its mark is.
  EXPECT_EQ(opening.feed(wire), !is_2022());
  EXPECT_FALSE(opening.decoder().is_marked());
}

/// A salt that a user marks with another's key, or with the server's, is an ordinary salt.
TEST(MarkedStreamOfUsers, CountsUnderTheUsersOwnKeyAlone) {
  for (const PairConfig& config : pair_configs()) {
    if (config.users.empty()) continue;
    const cipher::Method& its = method(config.method);
    const ServerCredentials keys = server_credentials(config);
    for (std::size_t whose = 0; whose <= keys.users().size(); ++whose) {
      const bool is_server_key = whose == keys.users().size();
      const KeyBytes& key = is_server_key ? keys.server_key() : keys.users()[whose].key;
      ByteVector salt = pattern(its.salt_length(), 50);
      put_request_mark(key, salt);
      Pair pair(config);
      ScriptedEntropy entropy;
      entropy.then(salt);
      ClientHandshake client(pair.client_keys, pair.keys, entropy, false);
      ByteVector flight(ClientHandshake::kMaxFirstFlight);
      flight.resize(client.first_flight(kTarget, pattern(10), kNow, flight));
      const Parsed<Request> request = pair.feed(flight);
      ASSERT_TRUE(request.ready());
      EXPECT_EQ(request.value().marked, whose == config.user) << config.name << whose;
    }
  }
}

}  // namespace
}  // namespace ss::protocol::pair
