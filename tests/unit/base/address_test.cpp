#include "ss/base/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ss {
namespace {

using testing::Optional;

struct Spelling {
  const char* text;
  const char* canonical;
};

TEST(IpAddressParse, TakesEverySpellingAndFormatsTheCanonicalOne) {
  // RFC 5952 sections 1, 2, 4 and 5; RFC 4291 section 2.2.
  static constexpr Spelling kSpellings[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"1.2.3.4", "1.2.3.4"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"2001:db8::1", "2001:db8::1"},
      {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
      {"2001:DB8::ABCD", "2001:db8::abcd"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"1:0:0:2:3:4:0:0", "1::2:3:4:0:0"},
      {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
      {"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
      {"0:2:3:4:5:6:7:0", "0:2:3:4:5:6:7:0"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
      {"::FFFF:102:304", "::ffff:1.2.3.4"},
      {"0:0:0:0:0:ffff:0.0.0.0", "::ffff:0.0.0.0"},
      {"::1.2.3.4", "::102:304"},
      {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
      {"fe80::0:1", "fe80::1"},
  };
  for (const Spelling& spelling : kSpellings) {
    const auto address = IpAddress::parse(spelling.text);
    ASSERT_TRUE(address) << spelling.text;
    EXPECT_EQ(address->to_string(), spelling.canonical) << spelling.text;
    EXPECT_THAT(IpAddress::parse(address->to_string()), Optional(*address));
  }
}

TEST(IpAddressParse, RefusesWhatIsNoAddress) {
  static constexpr std::string_view kRefused[] = {"",
                                                  " ",
                                                  "1",
                                                  "1.2",
                                                  "1.2.3",
                                                  "1.2.3.4.5",
                                                  "1.2.3.",
                                                  ".1.2.3",
                                                  "1..2.3",
                                                  "256.1.1.1",
                                                  "1.2.3.-4",
                                                  "01.2.3.4",
                                                  "1.2.3.04",
                                                  "0x7f.0.0.1",
                                                  "127.1",
                                                  "2130706433",
                                                  " 1.2.3.4",
                                                  "1.2.3.4 ",
                                                  "1.2.3.4:80",
                                                  "1.2.3.4/32",
                                                  "[::1]",
                                                  "::1]",
                                                  ":",
                                                  ":::",
                                                  "1:",
                                                  ":1",
                                                  "1::2::3",
                                                  "1:2:3:4:5:6:7",
                                                  "1:2:3:4:5:6:7:8:9",
                                                  "1:2:3:4:5:6:7:8::",
                                                  "12345::",
                                                  "g::",
                                                  "::1%lo",
                                                  "fe80::1%1",
                                                  "::1.2.3",
                                                  "::1.2.3.256",
                                                  "::1.2.3.4:5",
                                                  "1:2:3:4:5:6:7:1.2.3.4",
                                                  "localhost",
                                                  "::1/128",
                                                  "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"};
  for (const std::string_view text : kRefused) EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(IpAddressParse, RefusesTextWithNul) {
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
  EXPECT_FALSE(IpAddress::parse(std::string_view("::1\0.evil", 9)));
  EXPECT_FALSE(IpAddress::parse(std::string_view("\0", 1)));
}

TEST(IpAddressToString, RoundTripsEveryPatternOfZeroGroups) {
  for (unsigned pattern = 0; pattern < 256; ++pattern) {
    IpAddress::V6 bytes{};
    for (std::size_t i = 0; i < 8; ++i)
      bytes[2 * i + 1] = (pattern >> i & 1) != 0 ? std::uint8_t(i + 1) : std::uint8_t{0};
    const IpAddress address(bytes);
    EXPECT_THAT(IpAddress::parse(address.to_string()), Optional(address)) << address.to_string();
  }
}

TEST(IpAddressUnmapped, UnwrapsMappedAddressesAlone) {
  const auto unmapped = [](const char* text) { return IpAddress::parse(text)->unmapped().to_string(); };
  EXPECT_EQ(unmapped("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(unmapped("::ffff:0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(unmapped("::fffe:c000:201"), "::fffe:c000:201");
  EXPECT_EQ(unmapped("::c000:201"), "::c000:201");
  EXPECT_EQ(unmapped("1::ffff:c000:201"), "1::ffff:c000:201");
  EXPECT_EQ(unmapped("192.0.2.1"), "192.0.2.1");
}

TEST(IpAddressMapped, IsAnIpv6AddressThatStandsForTheIpv4One) {
  const auto mapped = [](const char* text) { return IpAddress::parse(text)->mapped().to_string(); };
  EXPECT_EQ(mapped("192.0.2.1"), "::ffff:192.0.2.1");
  EXPECT_EQ(mapped("0.0.0.0"), "::ffff:0.0.0.0");
  EXPECT_EQ(mapped("2001:db8::1"), "2001:db8::1");
  EXPECT_TRUE(IpAddress::parse("192.0.2.1")->mapped().is_v6());
}

TEST(IpAddressCompare, TellsFamiliesApart) {
  EXPECT_NE(IpAddress(IpAddress::V4{}), IpAddress(IpAddress::V6{}));
  EXPECT_EQ(IpAddress(), IpAddress(IpAddress::V4{}));
}

TEST(EndpointToString, BracketsIpv6Alone) {
  EXPECT_EQ((Endpoint{*IpAddress::parse("1.2.3.4"), 80}).to_string(), "1.2.3.4:80");
  EXPECT_EQ((Endpoint{*IpAddress::parse("::1"), 65535}).to_string(), "[::1]:65535");
}

TEST(TargetAddressMake, TurnsNamesThatSpellAnAddressIntoIt) {
  static constexpr Spelling kSpellings[] = {
      {"1.2.3.4", "1.2.3.4:80"},
      {"::1", "[::1]:80"},
      {"[::1]", "[::1]:80"},
      {"::ffff:1.2.3.4", "[::ffff:1.2.3.4]:80"},
      {"[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]:80"},
      {"2001:DB8:0::1", "[2001:db8::1]:80"},
  };
  for (const Spelling& spelling : kSpellings) {
    const auto target = TargetAddress::make(spelling.text, 80);
    ASSERT_TRUE(target) << spelling.text;
    EXPECT_FALSE(target->is_domain()) << spelling.text;
    EXPECT_EQ(target->to_string(), spelling.canonical);
  }
}

TEST(TargetAddressMake, KeepsOtherNamesAsTheyAre) {
  for (const char* name : {"a", "example.com", "EXAMPLE.com.", "xn--fiqs8s", "1.2.3", "01.2.3.4", "[1.2.3.4]", "[",
                           "[]", "[::1", "::1%lo", "[fe80::1%1]"}) {
    const auto target = TargetAddress::make(name, 443);
    ASSERT_TRUE(target) << name;
    ASSERT_TRUE(target->is_domain()) << name;
    EXPECT_EQ(target->domain(), name);
    EXPECT_EQ(target->port(), 443);
    EXPECT_EQ(target->to_string(), std::string(name) + ":443");
  }
}

TEST(TargetAddressMake, RefusesEmptyLongAndNul) {
  EXPECT_FALSE(TargetAddress::make("", 80));
  EXPECT_TRUE(TargetAddress::make(std::string(255, 'x'), 80));
  EXPECT_FALSE(TargetAddress::make(std::string(256, 'x'), 80));
  EXPECT_FALSE(TargetAddress::make(std::string_view("a\0b", 3), 80));
  EXPECT_FALSE(TargetAddress::make(std::string_view("\0", 1), 80));
  EXPECT_FALSE(TargetAddress::make(std::string_view("1.2.3.4\0", 8), 80));
}

TEST(TargetAddressToString, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(TargetAddress::make("a\nb\x1b[0m \xc3\xa9\x7f\\x0a", 1)->to_string(),
            "a\\x0ab\\x1b[0m\\x20\\xc3\\xa9\\x7f\\x5cx0a:1");
}

TEST(TargetAddressCompare, ComparesHostAndPort) {
  EXPECT_EQ(TargetAddress::make("a", 1), TargetAddress::make("a", 1));
  EXPECT_NE(TargetAddress::make("a", 1), TargetAddress::make("a", 2));
  EXPECT_NE(TargetAddress::make("a", 1), TargetAddress::make("b", 1));
  EXPECT_EQ(TargetAddress::make("[::1]", 1), TargetAddress(*IpAddress::parse("::1"), 1));
}

}  // namespace
}  // namespace ss
