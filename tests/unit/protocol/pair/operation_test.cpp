#include "ss/protocol/pair/operation.hpp"

#include <gtest/gtest.h>

#include "unit/protocol/stream_support.hpp"

namespace ss::protocol::pair {
namespace {

using namespace ss::protocol::testing;

TEST(OperationFind, IsByTheLowByteOfThePort) {
  for (unsigned port = 0; port < 65536; ++port) {
    const TargetAddress at(*IpAddress::parse("255.255.255.255"), static_cast<std::uint16_t>(port));
    EXPECT_EQ(is_reserved(at), port >= 0x5300 && port <= 0x53FF) << port;
    const std::optional<Operation> found = operation_of(at);
    ASSERT_EQ(found.has_value(), port >= 0x5300 && port <= 0x5305) << port;
    if (found) {
      EXPECT_EQ(static_cast<unsigned>(*found), port - 0x5300);
      EXPECT_EQ(target_of(*found), at);
    }
  }
}

TEST(OperationFind, PassesOtherAddressesBy) {
  for (const char* host : {"255.255.255.254", "255.255.254.255", "0.0.0.0", "[ffff::ffff]", "example.com"}) {
    const TargetAddress other = target(std::string(host) + ":21248");
    EXPECT_FALSE(operation_of(other)) << host;
    EXPECT_FALSE(is_reserved(other)) << host;
  }
}

TEST(OperationFind, KeepsTheAddressFromThoseWhoSpellItOtherwise) {
  const TargetAddress mapped = target("[::ffff:255.255.255.255]:21248");
  EXPECT_TRUE(is_reserved(mapped));
  EXPECT_FALSE(operation_of(mapped));
  const TargetAddress spelt = target("255.255.255.255:21249");
  EXPECT_EQ(operation_of(spelt), Operation::bind);
}

TEST(HelloCodec, IsWhatWasPut) {
  ByteVector bytes(Hello::kLength);
  EXPECT_EQ(put_hello({bit_of(Operation::hello) | bit_of(Operation::status), 0x0102030405060708}, bytes), bytes.size());
  EXPECT_EQ(bytes, of_hex(std::string("0100210102030405060708")));
  const Result<Hello> hello = parse_hello(joined(bytes, pattern(5)));
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->operations, 0x21U);
  EXPECT_EQ(hello->time, 0x0102030405060708U);
  bytes[0] = 2;
  EXPECT_EQ(parse_hello(bytes).error(), Errc::bad_version);
}

TEST(StatusCodec, IsWhatWasPut) {
  for (unsigned flags = 0; flags < 8; ++flags) {
    ByteVector bytes(Status::kLength);
    EXPECT_EQ(put_status({(flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0}, bytes), bytes.size());
    EXPECT_EQ(bytes, (ByteVector{1, static_cast<std::uint8_t>(flags)}));
    const Result<Status> status = parse_status(bytes);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->has_quota, (flags & 1) != 0);
    EXPECT_EQ(status->has_expiry, (flags & 2) != 0);
    EXPECT_EQ(status->has_notice, (flags & 4) != 0);
  }
  EXPECT_EQ(parse_status(ByteVector{0, 0}).error(), Errc::bad_version);
}

}  // namespace
}  // namespace ss::protocol::pair
