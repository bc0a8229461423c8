#include "ss/protocol/socks5_udp.hpp"

#include <gtest/gtest.h>

#include "ss/protocol/packet.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol::socks5 {
namespace {

using namespace ss::protocol::testing;
using namespace std::chrono_literals;

const ByteVector kAddress{1, 1, 2, 3, 4, 0, 53};

/// RSV 0, `fragment`, `address`, `payload`.
ByteVector datagram(std::uint8_t fragment, ConstBytes address, ConstBytes payload) {
  return joined(joined(ByteVector{0, 0, fragment}, address), payload);
}

void expect_refused(const ByteVector& bytes, Errc error) {
  const auto parsed = parse_udp(bytes);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error(), error);
}

TEST(Socks5ParseUdp, AgreesWithTheVectors) {
  const auto file = vectors("socks5_udp.json");
  for (const auto& each : file["datagrams"]) {
    SCOPED_TRACE(each["name"].get<std::string>());
    const ByteVector bytes = of_hex(each["datagram"]);
    const auto parsed = parse_udp(bytes);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->fragment, each["fragment"].get<unsigned>());
    EXPECT_EQ(parsed->target, target(each["target"]));
    EXPECT_EQ(text_of(parsed->address), text_of(of_hex(each["address"])));
    EXPECT_EQ(text_of(parsed->payload), text_of(of_hex(each["payload"])));
  }
}

TEST(Socks5ParseUdp, RefusesEveryTruncationOfItsHeader) {
  const auto file = vectors("socks5_udp.json");
  for (const auto& each : file["datagrams"]) {
    const ByteVector bytes = of_hex(each["datagram"]);
    const std::size_t header = kUdpPrefix + of_hex(each["address"]).size();
    for (std::size_t cut = 0; cut < header; ++cut) {
      SCOPED_TRACE(cut);
      expect_refused({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut)}, Errc::truncated);
    }
    for (std::size_t cut = header; cut <= bytes.size(); ++cut) {
      const auto parsed = parse_udp(ConstBytes(bytes).first(cut));
      ASSERT_TRUE(parsed.has_value()) << cut;
      EXPECT_EQ(parsed->payload.size(), cut - header);
    }
  }
}

TEST(Socks5ParseUdp, TakesPayloadsOfEveryLength) {
  const ByteVector bytes = datagram(0, kAddress, pattern(kMaxDatagram));
  for (std::size_t size = 0; size <= kMaxDatagram; ++size) {
    const auto parsed = parse_udp(ConstBytes(bytes).first(10 + size));
    ASSERT_TRUE(parsed.has_value()) << size;
    ASSERT_EQ(parsed->payload.data(), bytes.data() + 10) << "a copy, or another place";
    ASSERT_EQ(parsed->payload.size(), size);
  }
}

TEST(Socks5ParseUdp, KeepsEachFragmentByte) {
  for (unsigned fragment = 0; fragment < 256; ++fragment) {
    const ByteVector bytes = datagram(static_cast<std::uint8_t>(fragment), kAddress, pattern(1));
    const auto parsed = parse_udp(bytes);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->fragment, fragment);
  }
}

TEST(Socks5ParseUdp, LooksAtNoReservedByte) {
  for (unsigned reserved = 0; reserved < 256; ++reserved) {
    ByteVector bytes = datagram(0, kAddress, pattern(1));
    bytes[0] = static_cast<std::uint8_t>(reserved);
    EXPECT_TRUE(parse_udp(bytes).has_value());
    bytes[0] = 0;
    bytes[1] = static_cast<std::uint8_t>(reserved);
    EXPECT_TRUE(parse_udp(bytes).has_value());
  }
}

TEST(Socks5ParseUdp, RefusesEveryOtherAddressType) {
  for (unsigned type = 0; type < 256; ++type) {
    if (type == 1 || type == 3 || type == 4) continue;
    expect_refused({0, 0, 0, static_cast<std::uint8_t>(type), 1, 2, 3, 4, 0, 53}, Errc::bad_address_type);
  }
}

TEST(Socks5ParseUdp, RefusesBadNamesAndPortZero) {
  expect_refused({0, 0, 0, 3, 0, 0, 53}, Errc::bad_domain);
  expect_refused({0, 0, 0, 3, 3, 'a', 0, 'b', 0, 53}, Errc::bad_domain);
  expect_refused({0, 0, 0, 3, 1, 'a', 0, 0, 'x'}, Errc::bad_port);
  expect_refused({0, 0, 0, 1, 1, 2, 3, 4, 0, 0, 'x'}, Errc::bad_port);
}

TEST(Socks5ParseUdp, NamesTheAddressBytesAsTheyStood) {
  const ByteVector address = joined(joined(ByteVector{3, 7}, bytes_of("1.2.3.4")), ByteVector{0, 53});
  const ByteVector bytes = datagram(0, address, pattern(3));
  const auto parsed = parse_udp(bytes);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->target, target("1.2.3.4:53"));
  EXPECT_FALSE(parsed->target.is_domain());
  EXPECT_EQ(text_of(parsed->address), text_of(address));
  EXPECT_EQ(parsed->payload.size(), 3U);
}

TEST(Socks5ParseUdp, TakesNamesOfEveryLengthButZero) {
  for (std::size_t length = 1; length <= 255; ++length) {
    ByteVector address{3, static_cast<std::uint8_t>(length)};
    address.resize(2 + length, 'x');
    address.insert(address.end(), {0, 53});
    const ByteVector bytes = datagram(0, address, pattern(2));
    const auto parsed = parse_udp(bytes);
    ASSERT_TRUE(parsed.has_value()) << length;
    EXPECT_EQ(parsed->target.domain().size(), length);
    EXPECT_EQ(parsed->payload.size(), 2U);
  }
}

TEST(Socks5PutUdp, WritesWhatIsParsed) {
  EXPECT_EQ(kMaxUdpHeader, 262U);
  for (const std::string source : {"1.2.3.4:53", "[::1]:65535", "example.com:1"}) {
    ByteVector out(kMaxUdpHeader, 0xEE);
    out.resize(put_udp_header(target(source), out));
    EXPECT_EQ(out.size(), kUdpPrefix + address_length(target(source)));
    const auto parsed = parse_udp(out);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->fragment, 0);
    EXPECT_EQ(parsed->target, target(source));
    EXPECT_TRUE(parsed->payload.empty());
  }
}

TEST(Socks5PutUdp, PrefixIsThreeZeros) {
  ByteVector out(kUdpPrefix, 0xEE);
  EXPECT_EQ(put_udp_prefix(out), 3U);
  EXPECT_EQ(out, (ByteVector{0, 0, 0}));
}

}  // namespace
}  // namespace ss::protocol::socks5
