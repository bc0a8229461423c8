#include "ss/protocol/packet.hpp"

#include <gtest/gtest.h>

#include "unit/protocol/packet_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

TEST(PacketParseAddressed, YieldsAddressAndTheRest) {
  ByteVector bytes = joined(address_of(target("example.com:443")), pattern(5));
  const Result<PacketContent> content = parse_addressed(bytes);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->address, target("example.com:443"));
  EXPECT_EQ(content->addressed.data(), bytes.data());
  EXPECT_EQ(content->addressed.size(), bytes.size());
  EXPECT_EQ(copy(content->payload), pattern(5));
}

TEST(PacketParseAddressed, TakesAnEmptyPayload) {
  ByteVector bytes = address_of(target("[2001:db8::1]:53"));
  const Result<PacketContent> content = parse_addressed(bytes);
  ASSERT_TRUE(content);
  EXPECT_TRUE(content->payload.empty());
}

TEST(PacketParseAddressed, RefusesEveryPartOfAnAddress) {
  for (const char* text : {"127.0.0.1:80", "[::1]:80", "example.com:80"}) {
    const ByteVector whole = address_of(target(text));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      ByteVector part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const Result<PacketContent> content = parse_addressed(part);
      ASSERT_FALSE(content) << text << length;
      EXPECT_EQ(content.error(), Errc::truncated);
    }
  }
}

TEST(PacketParseAddressed, RefusesBadAddresses) {
  const std::pair<const char*, Errc> cases[] = {
      {"02000000000000000000", Errc::bad_address_type}, {"0300", Errc::bad_domain}, {"0302610050", Errc::bad_domain}};
  for (const auto& [hex, error] : cases) {
    ByteVector bytes = of_hex(std::string(hex));
    const Result<PacketContent> content = parse_addressed(bytes);
    ASSERT_FALSE(content) << hex;
    EXPECT_EQ(content.error(), error) << hex;
  }
}

/// The longest address, no payload and all the padding, both ways.
TEST(PacketOverhead, IsReachedAndNeverPassed) {
  const TargetAddress longest = *TargetAddress::make(std::string(255, 'a'), 53);
  for (const PairConfig& config : pair_configs()) {
    SCOPED_TRACE(config.name);
    PacketPair pair(config);
    const bool is_2022 = pair.client_credentials.method().is_2022();
    if (is_2022) pair.entropy.then_uniform(1, 900, 900);
    const ByteVector packet = pair.seal(longest, {});
    // A server's header is 8 bytes longer than a client's, and its client's chain of keys is none of its business.
    const std::size_t server_header = is_2022 && pair.client_credentials.identity_keys().empty() ? 8 : 0;
    EXPECT_EQ(packet.size() + server_header, pair.overhead);
  }
}

TEST(PacketOverhead, CountsEachIdentityHeader) {
  const cipher::Method& its = method("2022-blake3-aes-128-gcm");
  const std::size_t one = max_packet_overhead(its, 1);
  EXPECT_EQ(max_packet_overhead(its, 0), one - 8);
  EXPECT_EQ(max_packet_overhead(its, 16), one + 15 * std::size_t{16});
}

}  // namespace
}  // namespace ss::protocol
