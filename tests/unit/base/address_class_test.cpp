#include "ss/base/address_class.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ss {
namespace {

using enum AddressClass;

struct Row {
  const char* first;
  const char* last;
  AddressClass inside;
  AddressClass before;  ///< of the address just below `first`
  AddressClass after;   ///< of the address just above `last`
};

constexpr Row kV4[] = {
    {"0.0.0.0", "0.255.255.255", unspecified, reserved, global},  // below: 255.255.255.255, all around
    {"10.0.0.0", "10.255.255.255", private_use, global, global},
    {"100.64.0.0", "100.127.255.255", private_use, global, global},
    {"127.0.0.0", "127.255.255.255", loopback, global, global},
    {"168.63.129.16", "168.63.129.16", link_local, global, global},
    {"169.254.0.0", "169.254.255.255", link_local, global, global},
    {"172.16.0.0", "172.31.255.255", private_use, global, global},
    {"192.0.0.0", "192.0.0.255", reserved, global, global},
    {"192.0.2.0", "192.0.2.255", reserved, global, global},
    {"192.88.99.0", "192.88.99.255", reserved, global, global},
    {"192.168.0.0", "192.168.255.255", private_use, global, global},
    {"198.18.0.0", "198.19.255.255", reserved, global, global},
    {"198.51.100.0", "198.51.100.255", reserved, global, global},
    {"203.0.113.0", "203.0.113.255", reserved, global, global},
    {"224.0.0.0", "239.255.255.255", multicast, global, reserved},
    {"240.0.0.0", "255.255.255.255", reserved, multicast, unspecified},
};

constexpr Row kV6[] = {
    {"::", "::", unspecified, multicast, loopback},
    {"::1", "::1", loopback, unspecified, unspecified},
    {"64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", private_use, global, global},
    {"100::", "100::ffff:ffff:ffff:ffff", reserved, global, global},
    {"2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", reserved, global, global},
    {"2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", reserved, global, reserved},
    {"2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", reserved, reserved, global},
    {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", reserved, global, global},
    {"3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", reserved, global, global},
    {"5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", reserved, global, global},
    {"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", private_use, global, global},
    {"fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", link_local, global, private_use},
    {"fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", private_use, link_local, multicast},
    {"ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", multicast, private_use, unspecified},
};

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

IpAddress of_bytes(ConstBytes bytes) {
  if (bytes.size() == 4) {
    IpAddress::V4 v4;
    std::copy(bytes.begin(), bytes.end(), v4.begin());
    return IpAddress(v4);
  }
  IpAddress::V6 v6;
  std::copy(bytes.begin(), bytes.end(), v6.begin());
  return IpAddress(v6);
}

/// The address above or below, all around.
IpAddress neighbour(const IpAddress& address, int step) {
  ByteVector bytes(address.bytes().begin(), address.bytes().end());
  const std::uint8_t carry = step > 0 ? 0x00 : 0xff;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    bytes[i] = static_cast<std::uint8_t>(bytes[i] + step);
    if (bytes[i] != carry) break;
  }
  return of_bytes(bytes);
}

template <std::size_t N>
void expect_rows(const Row (&rows)[N]) {
  for (const Row& row : rows) {
    EXPECT_EQ(classify(ip(row.first)), row.inside) << row.first;
    EXPECT_EQ(classify(ip(row.last)), row.inside) << row.last;
    EXPECT_EQ(classify(neighbour(ip(row.first), -1)), row.before) << "below " << row.first;
    EXPECT_EQ(classify(neighbour(ip(row.last), 1)), row.after) << "above " << row.last;
  }
}

TEST(AddressClassify, DrawsEveryIpv4BorderExactly) {
  expect_rows(kV4);
}
TEST(AddressClassify, DrawsEveryIpv6BorderExactly) {
  expect_rows(kV6);
}

TEST(AddressClassify, LetsPublicAddressesThrough) {
  for (const char* text : {"1.1.1.1", "8.8.8.8", "93.184.216.34", "192.0.1.0", "223.255.255.255", "2606:4700::1111",
                           "2a00:1450:4001::5", "2000::", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"}) {
    EXPECT_EQ(classify(ip(text)), global) << text;
  }
}

IpAddress embed(const char* prefix, std::size_t at, const IpAddress& inside, bool inverted = false) {
  ByteVector bytes(16);
  const IpAddress base = ip(prefix);
  std::copy(base.bytes().begin(), base.bytes().end(), bytes.begin());
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[at + i] = inverted ? static_cast<std::uint8_t>(~inside.bytes()[i]) : inside.bytes()[i];
  }
  return of_bytes(bytes);
}

/// Both ends of every range and what lies beside them.
std::vector<IpAddress> ipv4_samples() {
  std::vector<IpAddress> samples{ip("8.8.8.8"), ip("169.254.169.254"), ip("127.0.0.1")};
  for (const Row& row : kV4) {
    for (const char* end : {row.first, row.last}) {
      samples.insert(samples.end(), {ip(end), neighbour(ip(end), -1), neighbour(ip(end), 1)});
    }
  }
  return samples;
}

TEST(AddressClassify, JudgesEmbeddedAddressesByTheInside) {
  struct Form {
    const char* prefix;
    std::size_t at;
  };
  static constexpr Form kForms[] = {
      {"::ffff:0:0", 12}, {"::ffff:0:0:0", 12}, {"64:ff9b::", 12}, {"2002::", 2}, {"2002::ffff:ffff:ffff:ffff", 2}};
  for (const IpAddress& inside : ipv4_samples()) {
    for (const Form& form : kForms) {
      const IpAddress outside = embed(form.prefix, form.at, inside);
      EXPECT_EQ(classify(outside), classify(inside)) << outside.to_string();
    }
  }
}

TEST(AddressClassify, JudgesCompatibleAddressesByTheInside) {
  for (const IpAddress& inside : ipv4_samples()) {
    const IpAddress outside = embed("::", 12, inside);
    const AddressClass expected = outside == ip("::1") ? loopback : classify(inside);
    EXPECT_EQ(classify(outside), expected) << outside.to_string();
  }
}

TEST(AddressClassify, JudgesTeredoByClientAndServer) {
  for (const IpAddress& inside : ipv4_samples()) {
    const IpAddress of_client = embed("2001:0:808:808::", 12, inside, true);
    EXPECT_EQ(classify(of_client), classify(inside)) << of_client.to_string();
    const IpAddress of_server = embed("2001::f7f7:f7f7", 4, inside);
    EXPECT_EQ(classify(of_server), classify(inside)) << of_server.to_string();
  }
}

TEST(AddressClassify, EndsEmbeddingsAtTheirPrefix) {
  for (const char* text : {"::1:0:7f00:1", "64:ff9b::1:7f00:1", "64:ff9b:0:1::7f00:1",
                           "2003:7f00:1::", "2001:1:7f00:1::", "::fffe:7f00:1", "::fffe:0:7f00:1", "1::ffff:7f00:1"}) {
    EXPECT_EQ(classify(ip(text)), global) << text;
  }
}

TEST(AddressClassName, NamesEveryClassOnce) {
  std::set<std::string_view> names;
  for (const AddressClass c : {global, unspecified, loopback, private_use, link_local, multicast, reserved}) {
    names.insert(name_of(c));
  }
  EXPECT_EQ(names.size(), 7U);
  EXPECT_EQ(name_of(private_use), "private");
  EXPECT_EQ(name_of(static_cast<AddressClass>(99)), "unknown");
}

}  // namespace
}  // namespace ss
