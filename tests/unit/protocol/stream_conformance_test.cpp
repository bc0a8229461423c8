// What holds for every method, with one key and with users: client and server understand each other, and nobody else.
#include <gtest/gtest.h>

#include "ss/protocol/identity.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

class Stream : public ::testing::TestWithParam<PairConfig> {
 protected:
  [[nodiscard]] const cipher::Method& its() const { return method(GetParam().method); }
  /// Bytes of a flight that a server must see at once.
  [[nodiscard]] std::size_t first_read() const {
    return its().is_2022() ? its().salt_length() + (GetParam().users.empty() ? 0 : kIdentityHeader) + 27 : 1;
  }
};

class SealedStream : public Stream {};
class Stream2022 : public Stream {};

TEST_P(Stream, CarriesEveryKindOfTargetAndTheFirstPayload) {
  for (const char* to : {"127.0.0.1:1", "[2001:db8::1]:65535", "example.com:443"}) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{899}, ClientHandshake::kMaxFirstPayload}) {
      Pair pair(GetParam());
      const ByteVector payload = pattern(size);
      const auto outcome = pair.feed(pair.first_flight(target(to), payload));
      ASSERT_TRUE(outcome.ready()) << to << size;
      EXPECT_EQ(outcome.value().target, target(to));
      EXPECT_EQ(outcome.value().user, GetParam().user);
      EXPECT_EQ(ByteVector(outcome.value().payload.begin(), outcome.value().payload.end()), payload);
      EXPECT_TRUE(outcome.value().rest.empty());
    }
  }
}

TEST_P(Stream, CarriesBothDirectionsInAnyStepsAndChunks) {
  const ByteVector payload = pattern(40'000, 3);
  for (const std::size_t chunk : {100U, 5000U, 16383U}) {
    for (const std::size_t step : {13U, 1460U, 65536U}) {
      Pair pair(GetParam());
      ASSERT_TRUE(pair.feed(pair.first_flight(target("example.com:80"), pattern(10))).ready());

      Encoder up = pair.client.take_encoder();
      Opening at_server(pair.server.take_decoder());
      ASSERT_TRUE(at_server.feed_in_steps(*seal_all(up, payload, chunk), step));
      EXPECT_EQ(at_server.payload, payload);
      EXPECT_TRUE(at_server.may_end() && at_server.all_filled);

      Encoder down = pair.server.take_encoder(pair.entropy, MonoTime{}, pair.salts, false);
      Opening at_client(pair.client.take_decoder());
      EXPECT_TRUE(at_client.may_end());
      ASSERT_TRUE(at_client.feed_in_steps(*seal_all(down, payload, chunk), step));
      EXPECT_EQ(at_client.payload, payload);
      EXPECT_TRUE(at_client.may_end() && at_client.all_filled);
    }
  }
}

TEST_P(Stream, CarriesTheLargestChunks) {
  Pair pair(GetParam());
  ASSERT_TRUE(pair.feed(pair.first_flight(target("example.com:80"), pattern(10))).ready());
  Encoder up = pair.client.take_encoder();
  Opening at_server(pair.server.take_decoder());
  const ByteVector payload = pattern(300'000);
  ASSERT_TRUE(at_server.feed_in_steps(*seal_all(up, payload, up.max_payload(), 131'072), 40'000));
  EXPECT_EQ(at_server.payload, payload);
}

TEST_P(Stream, TakesTheFlightInAnyTwoPieces) {
  for (std::size_t cut = first_read(); cut < 180; ++cut) {
    Pair pair(GetParam());
    const ByteVector flight = pair.first_flight(target("example.com:80"), pattern(900));
    const auto early = pair.feed(ConstBytes(flight).first(cut));
    ASSERT_FALSE(early.failed()) << cut;
    if (early.ready()) continue;  // plain: the address was whole
    EXPECT_TRUE(pair.feed(ConstBytes(flight).subspan(cut)).ready()) << cut;
  }
}

TEST_P(SealedStream, RefusesEveryFlippedBitOfAShortFlight) {
  PairConfig config = GetParam();
  Pair source(config);
  // One byte of padding, no payload, a short address.
  source.entropy.then_uniform(1, 900, 1);
  const ByteVector flight = source.first_flight(target("1.2.3.4:5"), {});
  for (std::size_t bit = 0; bit < flight.size() * 8; ++bit) {
    ByteVector bent = flight;
    bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ 1U << bit % 8);
    Pair pair(config);
    const auto outcome = pair.feed(bent);
    ASSERT_TRUE(outcome.failed()) << bit;
    EXPECT_TRUE(outcome.error() == Errc::auth_failed || outcome.error() == Errc::unknown_user) << bit;
  }
}

TEST_P(SealedStream, RefusesAReplay) {
  Pair pair(GetParam());
  const ByteVector flight = pair.first_flight(target("example.com:80"), pattern(50));
  ASSERT_TRUE(pair.feed(flight).ready());
  ServerHandshake again(pair.server_keys, pair.keys);
  const auto outcome = again.feed(flight, kNow, MonoTime{}, pair.salts);
  ASSERT_TRUE(outcome.failed());
  EXPECT_EQ(outcome.error(), Errc::repeated_salt);
}

TEST_P(SealedStream, RefusesAStreamSentBackToItsSender) {
  Pair pair(GetParam());
  const ByteVector flight = pair.first_flight(target("example.com:80"), pattern(950));
  Opening opening(pair.client.take_decoder());
  EXPECT_FALSE(opening.feed(flight));
  EXPECT_TRUE(opening.payload.empty());
}

/// SIP004 does not bind a response to its request.
TEST_P(Stream2022, RefusesTheResponseToAnotherRequest) {
  Pair one(GetParam());
  Pair other(GetParam());
  ASSERT_TRUE(one.feed(one.first_flight(target("a.example:80"), {})).ready());
  other.entropy.then(pattern(1));
  ClientHandshake client(other.client_keys, other.keys, other.entropy, false);
  ByteVector flight(ClientHandshake::kMaxFirstFlight);
  client.first_flight(target("b.example:80"), {}, kNow, flight);
  Encoder down = one.server.take_encoder(one.entropy, MonoTime{}, one.salts, false);
  Opening opening(client.take_decoder());
  EXPECT_FALSE(opening.feed(*seal_all(down, pattern(100), 1000)));
  EXPECT_EQ(opening.error, Errc::foreign_salt);
}

TEST_P(SealedStream, DoesNotServeAnotherKey) {
  PairConfig stranger = GetParam();
  stranger.users.clear();
  stranger.client = its().is_2022() ? cipher::base64(pattern(its().key_length, 77)) : "another";
  Pair source(stranger);
  Pair pair(GetParam());
  const auto outcome = pair.feed(source.first_flight(target("example.com:80"), pattern(950)));
  EXPECT_TRUE(outcome.failed());
  EXPECT_EQ(pair.salts.size(), 0U);
}

std::vector<PairConfig> configs_where(bool (*wanted)(const cipher::Method&)) {
  std::vector<PairConfig> all = pair_configs();
  std::erase_if(all, [&](const PairConfig& config) { return !wanted(method(config.method)); });
  return all;
}

const auto kName = [](const auto& each) { return each.param.name; };
INSTANTIATE_TEST_SUITE_P(EveryMethod, Stream, ::testing::ValuesIn(pair_configs()), kName);
INSTANTIATE_TEST_SUITE_P(EveryMethod, SealedStream, ::testing::ValuesIn(configs_where([](const cipher::Method& its) {
                           return its.family != cipher::Family::plain;
                         })),
                         kName);
INSTANTIATE_TEST_SUITE_P(EveryMethod, Stream2022,
                         ::testing::ValuesIn(configs_where([](const cipher::Method& its) { return its.is_2022(); })),
                         kName);

}  // namespace
}  // namespace ss::protocol
