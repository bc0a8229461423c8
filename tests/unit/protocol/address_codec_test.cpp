#include "ss/protocol/address_codec.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace ss::protocol {
namespace {

ByteVector of_hex(const std::string& hex) {
  ByteVector bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

const nlohmann::json& vectors() {
  static const nlohmann::json all = nlohmann::json::parse(std::ifstream(SS_VECTORS "/address.json"));
  return all;
}

ByteVector put(const TargetAddress& address) {
  ByteVector bytes(address_length(address));
  EXPECT_EQ(put_address(address, bytes), bytes.size());
  return bytes;
}

ByteVector domain_bytes(std::string_view name, std::uint16_t port = 80) {
  ByteVector bytes{3, static_cast<std::uint8_t>(name.size())};
  bytes.insert(bytes.end(), name.begin(), name.end());
  bytes.resize(bytes.size() + 2);
  put_u16be(bytes.data() + bytes.size() - 2, port);
  return bytes;
}

/// Every proper beginning of `whole` asks for more, for no more than is missing, and reading what was asked for ends in
/// `whole`.
void expect_need_at_every_cut(ConstBytes whole) {
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const auto parsed = parse_address(whole.first(cut));
    ASSERT_TRUE(parsed.needs_more()) << cut << " of " << whole.size();
    EXPECT_GE(parsed.need(), 1U);
    EXPECT_LE(parsed.need(), whole.size() - cut);
  }
}

TEST(AddressCodecParse, AgreesWithTheVectors) {
  for (const auto& valid : vectors()["valid"]) {
    const ByteVector bytes = of_hex(valid["hex"]);
    const auto parsed = parse_address(bytes);
    ASSERT_TRUE(parsed.ready()) << valid;
    EXPECT_EQ(parsed.value().length, bytes.size());
    EXPECT_EQ(parsed.value().address, TargetAddress::make(valid["host"].get<std::string>(), valid["port"])) << valid;
    EXPECT_EQ(put(parsed.value().address), bytes) << valid;
    expect_need_at_every_cut(bytes);
  }
}

TEST(AddressCodecParse, AcceptsNoneOfTheInvalidVectors) {
  for (const auto& invalid : vectors()["invalid"]) {
    EXPECT_FALSE(parse_address(of_hex(invalid["hex"])).ready()) << invalid;
  }
}

TEST(AddressCodecParse, LeavesWhatFollowsTheAddress) {
  for (const auto& valid : vectors()["valid"]) {
    ByteVector bytes = of_hex(valid["hex"]);
    const std::size_t length = bytes.size();
    bytes.insert(bytes.end(), 300, 0);
    const auto parsed = parse_address(bytes);
    ASSERT_TRUE(parsed.ready()) << valid;
    EXPECT_EQ(parsed.value().length, length);
  }
}

TEST(AddressCodecParse, RefusesEveryOtherTypeAtItsFirstByte) {
  for (unsigned type = 0; type < 256; ++type) {
    const std::uint8_t first[] = {static_cast<std::uint8_t>(type)};
    const auto parsed = parse_address(first);
    if (type == 1 || type == 3 || type == 4) {
      EXPECT_TRUE(parsed.needs_more()) << type;
    } else {
      ASSERT_TRUE(parsed.failed()) << type;
      EXPECT_EQ(parsed.error(), Errc::bad_address_type);
    }
  }
}

TEST(AddressCodecParse, TakesNamesOfEveryLengthButZero) {
  for (std::size_t length = 1; length <= 255; ++length) {
    const ByteVector bytes = domain_bytes(std::string(length, 'x'), 0x1234);
    const auto parsed = parse_address(bytes);
    ASSERT_TRUE(parsed.ready()) << length;
    EXPECT_EQ(parsed.value().address.domain().size(), length);
    EXPECT_EQ(parsed.value().address.port(), 0x1234);
    EXPECT_EQ(put(parsed.value().address), bytes);
    expect_need_at_every_cut(bytes);
  }
}

TEST(AddressCodecParse, RefusesNameOfLengthZeroAtItsLengthByte) {
  const std::uint8_t bytes[] = {3, 0};
  ASSERT_TRUE(parse_address(bytes).failed());
  EXPECT_EQ(parse_address(bytes).error(), Errc::bad_domain);
}

TEST(AddressCodecParse, RefusesNulAnywhereInANameAsSoonAsItIsSeen) {
  for (std::size_t at = 0; at < 20; ++at) {
    std::string name(20, 'x');
    name[at] = '\0';
    const ByteVector bytes = domain_bytes(name);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      const auto parsed = parse_address(ConstBytes(bytes).first(cut));
      ASSERT_EQ(parsed.failed(), cut > 2 + at) << "NUL at " << at << ", cut at " << cut;
      if (parsed.failed()) {
        EXPECT_EQ(parsed.error(), Errc::bad_domain);
      }
    }
  }
}

TEST(AddressCodecParse, TurnsNamesThatSpellAnAddressIntoIt) {
  for (const char* name : {"1.2.3.4", "::1", "[::1]", "::ffff:1.2.3.4"}) {
    const ByteVector bytes = domain_bytes(name);
    const auto parsed = parse_address(bytes);
    ASSERT_TRUE(parsed.ready()) << name;
    EXPECT_EQ(parsed.value().length, bytes.size()) << "the bytes that were read, not those it would be written with";
    EXPECT_FALSE(parsed.value().address.is_domain()) << name;
  }
}

TEST(AddressCodecParse, KeepsEveryByteOfAName) {
  std::string name;
  for (int byte = 1; byte < 256; ++byte) name += static_cast<char>(byte);
  const auto parsed = parse_address(domain_bytes(name));
  ASSERT_TRUE(parsed.ready());
  EXPECT_EQ(parsed.value().address.domain(), name);
}

TEST(AddressCodecParse, LeavesPortZeroToItsCaller) {
  const auto parsed = parse_address(domain_bytes("a", 0));
  ASSERT_TRUE(parsed.ready());
  EXPECT_EQ(parsed.value().address.port(), 0);
}

TEST(AddressCodecPut, StaysWithinItsMaximum) {
  EXPECT_EQ(address_length(*TargetAddress::make(std::string(255, 'x'), 1)), kMaxAddressLength);
  EXPECT_EQ(address_length(*TargetAddress::make("::1", 1)), 19U);
  EXPECT_EQ(address_length(*TargetAddress::make("1.2.3.4", 1)), 7U);
}

TEST(AddressCodecPut, KeepsAMappedAddressInItsFamily) {
  const ByteVector bytes = put(*TargetAddress::make("::ffff:1.2.3.4", 80));
  EXPECT_EQ(bytes[0], 4);
  EXPECT_EQ(bytes.size(), 19U);
}

}  // namespace
}  // namespace ss::protocol
