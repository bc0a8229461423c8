#include "ss/protocol/header2022.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using testing::kNow;
using testing::of_hex;
using testing::pattern;

const ByteVector kAddress = of_hex(std::string("017f00000146a0"));  // 127.0.0.1:18080

ByteVector variable(std::uint16_t padding_length, std::size_t behind) {
  ByteVector bytes = kAddress;
  bytes.resize(bytes.size() + 2 + behind);
  put_u16be(bytes.data() + kAddress.size(), padding_length);
  return bytes;
}

TEST(TimestampJudge, AcceptsThirtySecondsAndNotThirtyOneEitherWay) {
  EXPECT_TRUE(is_timely(kNow, kNow));
  for (const UnixSeconds off : {29U, 30U}) {
    EXPECT_TRUE(is_timely(kNow - off, kNow));
    EXPECT_TRUE(is_timely(kNow + off, kNow));
  }
  EXPECT_FALSE(is_timely(kNow - 31, kNow));
  EXPECT_FALSE(is_timely(kNow + 31, kNow));
}

TEST(TimestampJudge, DoesNotWrapAtTheEndsOfTheType) {
  constexpr UnixSeconds kMost = std::numeric_limits<UnixSeconds>::max();
  for (const UnixSeconds theirs : {UnixSeconds{1} << 63, kMost, UnixSeconds{0}}) {
    EXPECT_FALSE(is_timely(theirs, kNow)) << theirs;
  }
  EXPECT_FALSE(is_timely(kMost, 5));
  EXPECT_FALSE(is_timely(5, kMost));
  EXPECT_TRUE(is_timely(3, 0));
}

TEST(TimestampJudge, SaysByHowMuchTheClocksDiffer) {
  EXPECT_EQ(clock_offset(kNow + 38, kNow), 38);
  EXPECT_EQ(clock_offset(kNow - 38, kNow), -38);
  EXPECT_EQ(clock_offset(std::numeric_limits<UnixSeconds>::max(), 0), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(clock_offset(0, std::numeric_limits<UnixSeconds>::max()), -std::numeric_limits<std::int64_t>::max());
}

TEST(FixedHeader, IsWhatTheVectorsHold) {
  const auto vectors = testing::vectors("aead2022_tcp.json");
  for (const auto& request : vectors["methods"][0]["requests"]) {
    const ByteVector wanted = of_hex(request["fixed_header"]);
    const auto length = static_cast<std::uint16_t>(of_hex(request["variable_header"]).size());
    ByteVector bytes(FixedHeader::kLength);
    put_fixed_header({request["timestamp"], length}, bytes);
    EXPECT_EQ(bytes, wanted);
    const auto parsed = parse_fixed_header(wanted);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->timestamp, kNow);
    EXPECT_EQ(parsed->variable_length, length);
  }
}

TEST(FixedHeader, RefusesEveryOtherType) {
  ByteVector bytes(FixedHeader::kLength);
  put_fixed_header({kNow, 100}, bytes);
  for (unsigned type = 1; type < 256; ++type) {
    bytes[0] = static_cast<std::uint8_t>(type);
    EXPECT_EQ(parse_fixed_header(bytes).error(), Errc::bad_header_type);
  }
}

TEST(VariableHeader, IsWhatTheVectorsHold) {
  const auto vectors = testing::vectors("aead2022_tcp.json");
  for (const auto& request : vectors["methods"][0]["requests"]) {
    const ByteVector wanted = of_hex(request["variable_header"]);
    const auto parsed = parse_variable_header(wanted);
    ASSERT_TRUE(parsed) << request["name"];
    EXPECT_EQ(parsed->target, testing::target(request["target"]));

    const std::size_t padding = request["padding_len"];
    ByteVector bytes(variable_header_length(parsed->target, padding, parsed->payload.size()));
    ASSERT_EQ(bytes.size(), wanted.size());
    const Bytes room = put_variable_header(parsed->target, padding, parsed->payload, bytes);
    ASSERT_EQ(room.size(), padding);
    std::copy_n(wanted.begin() + (room.data() - bytes.data()), padding, room.begin());
    EXPECT_EQ(bytes, wanted) << request["name"];
  }
}

TEST(VariableHeaderParse, RefusesEveryTruncation) {
  const ByteVector whole = variable(5, 5);
  ASSERT_TRUE(parse_variable_header(whole));
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const Errc wanted = cut < kAddress.size() ? Errc::truncated : Errc::bad_padding;
    EXPECT_EQ(parse_variable_header(ConstBytes(whole).first(cut)).error(), wanted) << cut;
  }
}

TEST(VariableHeaderParse, WantsPaddingOrPayload) {
  EXPECT_EQ(parse_variable_header(variable(0, 0)).error(), Errc::bad_padding);
  EXPECT_TRUE(parse_variable_header(variable(0, 1)));
  EXPECT_TRUE(parse_variable_header(variable(1, 1)));
}

TEST(VariableHeaderParse, TakesAnyPaddingInsideTheChunkAndNoneBeyond) {
  for (const std::uint16_t padding : std::initializer_list<std::uint16_t>{1, 900, 901, 60000}) {
    EXPECT_TRUE(parse_variable_header(variable(padding, padding))) << padding;
    EXPECT_EQ(parse_variable_header(variable(padding, padding - 1U)).error(), Errc::bad_padding) << padding;
    const auto with_payload = parse_variable_header(variable(padding, padding + 3U));
    ASSERT_TRUE(with_payload);
    EXPECT_EQ(with_payload->payload.size(), 3U);
  }
  EXPECT_EQ(parse_variable_header(variable(0xFFFF, 10)).error(), Errc::bad_padding);
}

TEST(VariableHeaderParse, RefusesBadAddresses) {
  ByteVector bytes = variable(1, 1);
  bytes[0] = 2;
  EXPECT_EQ(parse_variable_header(bytes).error(), Errc::bad_address_type);
  EXPECT_EQ(parse_variable_header(of_hex(std::string("0300005000010a"))).error(), Errc::bad_domain);
  ByteVector port0 = variable(1, 1);
  port0[5] = port0[6] = 0;
  EXPECT_EQ(parse_variable_header(port0).error(), Errc::bad_port);
}

TEST(ResponseHeader, IsWhatTheVectorsHold) {
  const auto vectors = testing::vectors("aead2022_tcp.json");
  for (const auto& method : vectors["methods"]) {
    for (const auto& response : method["responses"]) {
      const ByteVector wanted = of_hex(response["fixed_header"]);
      const ByteVector salt = of_hex(response["request_salt"]);
      ByteVector bytes(ResponseHeader::length(salt.size()));
      put_response_header(
          {response["timestamp"], salt, static_cast<std::uint16_t>(of_hex(response["chunks"][0]).size())}, bytes);
      EXPECT_EQ(bytes, wanted);
      const auto parsed = parse_response_header(wanted);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->timestamp, kNow);
      EXPECT_EQ(ByteVector(parsed->request_salt.begin(), parsed->request_salt.end()), salt);
      EXPECT_EQ(parsed->payload_length, of_hex(response["chunks"][0]).size());
    }
  }
}

TEST(ResponseHeader, RefusesEveryOtherType) {
  const ByteVector salt = pattern(32);
  ByteVector bytes(ResponseHeader::length(32));
  put_response_header({kNow, salt, 1}, bytes);
  for (unsigned type = 0; type < 256; ++type) {
    bytes[0] = static_cast<std::uint8_t>(type);
    EXPECT_EQ(parse_response_header(bytes).has_value(), type == 1);
  }
}

}  // namespace
}  // namespace ss::protocol
