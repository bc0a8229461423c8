#include "own_addresses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>

namespace ss::server {
namespace {

TEST(OwnAddresses, AreThoseOfTheInterfaces) {
  std::size_t wanted = 0;
  ifaddrs* interfaces = nullptr;
  ASSERT_EQ(getifaddrs(&interfaces), 0);
  for (const ifaddrs* i = interfaces; i != nullptr; i = i->ifa_next) {
    const int family = i->ifa_addr == nullptr ? AF_UNSPEC : i->ifa_addr->sa_family;
    if (family == AF_INET || family == AF_INET6) ++wanted;
  }
  freeifaddrs(interfaces);
  const std::vector<IpAddress> addresses = own_addresses();
  EXPECT_EQ(addresses.size(), wanted);
  EXPECT_THAT(addresses, ::testing::Contains(*IpAddress::parse("127.0.0.1")));
}

}  // namespace
}  // namespace ss::server
