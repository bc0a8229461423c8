#include "ss/base/target_rule.hpp"

#include <gtest/gtest.h>

namespace ss {
namespace {

bool names_address(std::string_view rule, std::string_view address) {
  return TargetRule::parse(rule)->matches(*IpAddress::parse(address));
}

bool names_domain(std::string_view rule, std::string_view domain) {
  return TargetRule::parse(rule)->matches(domain);
}

TEST(TargetRuleParse, TakesAddressesAndPatterns) {
  for (const std::string_view text : {"10.0.0.0/8", "10.1.2.3", "fc00::/7", "::1", "example.com", "*.example.com", "*",
                                      "Example.COM.", "a_b-c", "localhost"}) {
    ASSERT_TRUE(TargetRule::parse(text)) << text;
    EXPECT_EQ(TargetRule::parse(text)->text(), text);
  }
}

TEST(TargetRuleParse, RefusesTheRest) {
  for (const std::string_view text :
       {"", "10.0.0.0/33", "10.0.0.256", "fc00::/129", "1.2.3", "10.0.0.0/", "*.", "a*b", "*example.com",
        ".example.com", "*..com", "a b", "http://a", "a/b", "[::1]", "10.0.0.0/-1"}) {
    EXPECT_FALSE(TargetRule::parse(text)) << text;
  }
}

TEST(TargetRuleMatch, NamesAddressesInside) {
  EXPECT_TRUE(names_address("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(names_address("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(names_address("fc00::/7", "fd00::1"));
  EXPECT_FALSE(names_address("::/0", "10.0.0.1"));
}

TEST(TargetRuleMatch, SeesIpv4InsideMappedIpv6) {
  EXPECT_TRUE(names_address("127.0.0.0/8", "::ffff:127.0.0.1"));
  EXPECT_TRUE(names_address("1.2.3.4", "64:ff9b::1.2.3.4"));
  EXPECT_TRUE(names_address("1.2.3.4", "2002:102:304::1"));
  EXPECT_TRUE(names_address("1.2.3.4", "2001::1:1:1:fefd:fcfb"));
  EXPECT_FALSE(names_address("1.2.3.4", "2001:db8::1.2.3.4"));
}

TEST(TargetRuleMatch, NamesDomainsByPattern) {
  EXPECT_TRUE(names_domain("example.com", "EXAMPLE.com."));
  EXPECT_FALSE(names_domain("example.com", "www.example.com"));
  EXPECT_TRUE(names_domain("*.example.com", "a.b.example.com"));
  EXPECT_FALSE(names_domain("*.example.com", "example.com"));
  EXPECT_FALSE(names_domain("*.example.com", "badexample.com"));
  EXPECT_FALSE(names_domain("*.example.com", ".example.com"));
  EXPECT_TRUE(names_domain("*", "anything"));
}

TEST(TargetRuleMatch, KeepsAddressesAndNamesApart) {
  EXPECT_FALSE(names_address("*", "10.0.0.1"));
  EXPECT_FALSE(names_domain("0.0.0.0/0", "example.com"));
}

}  // namespace
}  // namespace ss
