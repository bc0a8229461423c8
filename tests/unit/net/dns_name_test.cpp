#include "ss/net/dns_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ss::net {
namespace {

using testing::Optional;

TEST(DnsNameCanonical, LowersLettersAndDropsTheLastDot) {
  EXPECT_THAT(canonical_dns_name("WWW.Example.COM."), Optional(std::string("www.example.com")));
  EXPECT_THAT(canonical_dns_name("a"), Optional(std::string("a")));
  EXPECT_THAT(canonical_dns_name("_srv._tcp.a-b.0"), Optional(std::string("_srv._tcp.a-b.0")));
}

TEST(DnsNameCanonical, RefusesEmptyLabels) {
  for (const char* name : {"", ".", "..", "a..", ".a", "a..b"}) EXPECT_FALSE(canonical_dns_name(name)) << name;
}

TEST(DnsNameCanonical, TakesLabelsUpTo63Bytes) {
  const std::string label(63, 'x');
  EXPECT_TRUE(canonical_dns_name(label + ".a"));
  EXPECT_FALSE(canonical_dns_name(label + "x.a"));
  EXPECT_FALSE(canonical_dns_name("a." + label + "x"));
}

TEST(DnsNameCanonical, TakesNamesUpTo253Bytes) {
  std::string name;
  for (int i = 0; i < 126; ++i) name += "x.";
  EXPECT_TRUE(canonical_dns_name(name + "x"));    // 253
  EXPECT_TRUE(canonical_dns_name(name + "x."));   // the dot does not count
  EXPECT_FALSE(canonical_dns_name(name + "xx"));  // 254
}

TEST(DnsNameCanonical, TakesNoByteThatHostNamesLack) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool taken = letter || c == '-' || c == '_' || c == '.';
    EXPECT_EQ(canonical_dns_name(std::string("a") + c + "b").has_value(), taken) << byte;
  }
}

TEST(DnsNameIsLocalhost, KnowsTheNameAndWhatIsBelow) {
  for (const char* name : {"localhost", "a.localhost", "a.b.localhost"}) EXPECT_TRUE(is_localhost(name)) << name;
  for (const char* name : {"notlocalhost", "localhost.com", "localhost1", "local", ""}) {
    EXPECT_FALSE(is_localhost(name)) << name;
  }
}

}  // namespace
}  // namespace ss::net
