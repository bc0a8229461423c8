#include <gtest/gtest.h>

#include "ss/base/address.hpp"

namespace ss {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

TEST(CidrParse, TakesBlocksAndSingleAddresses) {
  EXPECT_EQ(Cidr::parse("10.0.0.0/8")->to_string(), "10.0.0.0/8");
  EXPECT_EQ(Cidr::parse("fc00::/7")->to_string(), "fc00::/7");
  EXPECT_EQ(Cidr::parse("1.2.3.4")->to_string(), "1.2.3.4");
  EXPECT_EQ(Cidr::parse("1.2.3.4/32")->to_string(), "1.2.3.4");
  EXPECT_EQ(Cidr::parse("::1")->to_string(), "::1");
  EXPECT_EQ(Cidr::parse("0.0.0.0/0")->to_string(), "0.0.0.0/0");
}

TEST(CidrParse, RefusesWhatIsNoBlock) {
  for (const char* text :
       {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ", "10.0.0.0/ 8",
        "10.0.0.0/8/8", "10.0.0/8", "10.0.0.0/99999999999999999999", "10.0.0.0/a", "name/8"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

TEST(CidrContains, HoldsFirstAndLastButNotTheNeighbours) {
  const Cidr block = Cidr::parse("172.16.0.0/12").value();
  EXPECT_TRUE(block.contains(ip("172.16.0.0")));
  EXPECT_TRUE(block.contains(ip("172.31.255.255")));
  EXPECT_FALSE(block.contains(ip("172.15.255.255")));
  EXPECT_FALSE(block.contains(ip("172.32.0.0")));
}

TEST(CidrContains, OverlooksHostBits) {
  const Cidr block = Cidr::parse("192.168.1.77/24").value();
  EXPECT_TRUE(block.contains(ip("192.168.1.0")));
  EXPECT_TRUE(block.contains(ip("192.168.1.255")));
  EXPECT_FALSE(block.contains(ip("192.168.2.77")));
}

TEST(CidrContains, NeverMatchesTheOtherFamily) {
  EXPECT_FALSE(Cidr::parse("0.0.0.0/0")->contains(ip("::")));
  EXPECT_FALSE(Cidr::parse("::/0")->contains(ip("0.0.0.0")));
  EXPECT_TRUE(Cidr::parse("0.0.0.0/0")->contains(ip("255.255.255.255")));
  EXPECT_TRUE(Cidr::parse("::/0")->contains(ip("ffff::")));
}

TEST(CidrContains, LooksAtEveryBitUpToItsLength) {
  for (unsigned length = 0; length <= 128; ++length) {
    const Cidr block(ip("::"), length);
    for (unsigned bit = 0; bit < 128; ++bit) {
      IpAddress::V6 bytes{};
      bytes[bit / 8] = static_cast<std::uint8_t>(0x80 >> bit % 8);
      EXPECT_EQ(block.contains(IpAddress(bytes)), bit >= length) << "length " << length << ", bit " << bit;
    }
  }
}

}  // namespace
}  // namespace ss
