#include "ss/protocol/client_handshake.hpp"

#include <gtest/gtest.h>

#include <map>

#include "ss/protocol/header2022.hpp"
#include "ss/protocol/identity.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

const TargetAddress kTarget = target("example.com:443");

/// What the 2022 first flight of a fresh handshake holds, opened by hand.
struct Flight {
  std::size_t wire = 0;
  std::size_t padding = 0;
  ByteVector payload;
  ByteVector padding_bytes;
};

class ClientFirstFlight : public ::testing::Test {
 protected:
  Flight make(ConstBytes payload, const TargetAddress& to = kTarget) {
    ByteVector out(ClientHandshake::kMaxFirstFlight);
    ClientHandshake client(credentials_, keys_, entropy_, false);
    out.resize(client.first_flight(to, payload, kNow, out));
    const std::size_t salt = method_.salt_length();
    RecordKey key = RecordKey::derive(method_, credentials_.key(), keys_, ConstBytes(out).first(salt));
    const Bytes fixed = Bytes(out).subspan(salt, FixedHeader::kLength);
    EXPECT_TRUE(key.open(fixed, Bytes(out).subspan(salt + FixedHeader::kLength, 16)));
    const auto parsed = parse_fixed_header(fixed);
    EXPECT_EQ(parsed->timestamp, kNow);
    const Bytes variable = Bytes(out).subspan(salt + FixedHeader::kLength + 16, parsed->variable_length);
    EXPECT_TRUE(key.open(variable, Bytes(out).last(16)));
    EXPECT_EQ(out.size(), salt + FixedHeader::kLength + 16 + variable.size() + 16);
    const auto header = parse_variable_header(variable);
    EXPECT_TRUE(header);
    EXPECT_EQ(header->target, to);
    const std::size_t padding = variable.size() - variable_header_length(to, 0, header->payload.size());
    const auto padding_at = variable.last(padding + header->payload.size()).first(padding);
    return {out.size(), padding, ByteVector(header->payload.begin(), header->payload.end()),
            ByteVector(padding_at.begin(), padding_at.end())};
  }

  const cipher::Method& method_ = method("2022-blake3-aes-256-gcm");
  ClientCredentials credentials_ = *ClientCredentials::from_password(method_, psk(pattern(32)));
  cipher::KeyCache keys_{4};
  ScriptedEntropy entropy_;
};

TEST_F(ClientFirstFlight, IsPaddedByOneToNineHundredWithoutPayload) {
  std::size_t least = 1000;
  std::size_t most = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t padding = make({}).padding;
    least = std::min(least, padding);
    most = std::max(most, padding);
  }
  EXPECT_GE(least, 1U);
  EXPECT_LE(least, 10U);
  EXPECT_LE(most, 900U);
  EXPECT_GE(most, 890U);
}

TEST_F(ClientFirstFlight, VariesInSizeWithASmallPayload) {
  std::map<std::size_t, int> sizes;
  for (int i = 0; i < 500; ++i) {
    const Flight flight = make(pattern(100));
    EXPECT_EQ(flight.payload, pattern(100));
    EXPECT_LE(flight.padding, kMaxPadding);
    ++sizes[flight.wire];
  }
  EXPECT_GT(sizes.size(), 200U);
}

TEST_F(ClientFirstFlight, PadsUpToTheEdgeOfNineHundredBytes) {
  entropy_.then(pattern(32));
  entropy_.then_uniform(0, 900, 900);
  EXPECT_EQ(make(pattern(899)).padding, 900U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(make(pattern(900)).padding, 0U);
}

TEST_F(ClientFirstFlight, FillsPaddingWithRandomBytes) {
  entropy_.then(pattern(32));
  entropy_.then_uniform(1, 900, 64);
  entropy_.then(pattern(64, 100));
  EXPECT_EQ(make({}).padding_bytes, pattern(64, 100));
}

TEST_F(ClientFirstFlight, HoldsTheLargestPayloadWithTheLongestName) {
  const TargetAddress longest = *TargetAddress::make(std::string(255, 'a'), 65535);
  const ByteVector payload = pattern(ClientHandshake::kMaxFirstPayload);
  EXPECT_EQ(make(payload, longest).payload, payload);
}

TEST_F(ClientFirstFlight, HasRoomForTheLongestChain) {
  std::string chain = cipher::base64(pattern(32));
  for (std::size_t i = 0; i < ClientCredentials::kMaxIdentityKeys; ++i) chain += ":" + cipher::base64(pattern(32, i));
  const auto credentials = *ClientCredentials::from_password(method_, secret(chain));
  const TargetAddress longest = *TargetAddress::make(std::string(255, 'a'), 65535);
  ByteVector out(ClientHandshake::kMaxFirstFlight);
  ClientHandshake client(credentials, keys_, entropy_, false);
  const std::size_t size = client.first_flight(longest, pattern(ClientHandshake::kMaxFirstPayload), kNow, out);
  EXPECT_EQ(size, 32 + ClientCredentials::kMaxIdentityKeys * kIdentityHeader + 27 + 259 + 2 +
                      ClientHandshake::kMaxFirstPayload + 16);
}

TEST_F(ClientFirstFlight, DrawsAFreshSaltEachTime) {
  ByteVector out(ClientHandshake::kMaxFirstFlight);
  std::set<ByteVector> salts;
  for (int i = 0; i < 100; ++i) {
    ClientHandshake client(credentials_, keys_, entropy_, false);
    client.first_flight(kTarget, {}, kNow, out);
    salts.insert(ByteVector(out.begin(), out.begin() + 32));
  }
  EXPECT_EQ(salts.size(), 100U);
}

TEST(ClientFirstFlightOfSip004, HoldsAddressAndPayloadInOneChunk) {
  const auto credentials = *ClientCredentials::from_password(method("aes-256-gcm"), secret("barfoo!"));
  cipher::KeyCache keys(4);
  ScriptedEntropy entropy;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, ClientHandshake::kMaxFirstPayload}) {
    ClientHandshake client(credentials, keys, entropy, false);
    ByteVector out(ClientHandshake::kMaxFirstFlight);
    const std::size_t wire = client.first_flight(kTarget, pattern(size), kNow, out);
    EXPECT_EQ(wire, 32 + 18 + (1 + 1 + 11 + 2) + size + 16);
  }
}

TEST(ClientFirstFlightOfPlain, IsTheAddressAndThePayload) {
  const auto credentials = *ClientCredentials::from_password(method("none"), Secret());
  cipher::KeyCache keys(4);
  ScriptedEntropy entropy;
  ClientHandshake client(credentials, keys, entropy, false);
  ByteVector out(ClientHandshake::kMaxFirstFlight);
  out.resize(client.first_flight(target("127.0.0.1:18080"), pattern(3), kNow, out));
  EXPECT_EQ(out, of_hex(std::string("017f00000146a0000102")));
  EXPECT_EQ(client.take_encoder().lead(), 0U);
  Opening opening(client.take_decoder());
  EXPECT_TRUE(opening.feed(pattern(5)));
  EXPECT_EQ(opening.payload, pattern(5));
}

}  // namespace
}  // namespace ss::protocol
