#include "ss/net/host_addresses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>

#include "loopback.hpp"

namespace ss::net {
namespace {

using namespace test;

TEST(HostAddressesInterfaceAddresses, AreThoseOfTheInterfaces) {
  std::size_t wanted = 0;
  ifaddrs* interfaces = nullptr;
  ASSERT_EQ(::getifaddrs(&interfaces), 0);
  for (const ifaddrs* i = interfaces; i != nullptr; i = i->ifa_next) {
    const int family = i->ifa_addr == nullptr ? AF_UNSPEC : i->ifa_addr->sa_family;
    if (family == AF_INET || family == AF_INET6) ++wanted;
  }
  ::freeifaddrs(interfaces);
  const auto addresses = interface_addresses();
  EXPECT_EQ(addresses.size(), wanted);
  EXPECT_THAT(addresses, testing::Contains(loopback(0).address));
}

TEST(HostAddressesSourceTowards, IsLoopbackTowardsLoopback) {
  EXPECT_EQ(source_towards(loopback(53)), loopback(0).address);
}

TEST(HostAddressesSourceTowards, IsNothingWhereThereIsNoRoute) {
  EXPECT_EQ(source_towards({IpAddress(IpAddress::V4{255, 255, 255, 255}), 53}), std::nullopt);
}

TEST(HostAddressesResolveNow, TakesAnAddressForItself) {
  EXPECT_EQ(resolve_now("127.0.0.1"), std::vector{loopback(0).address});
}

TEST(HostAddressesResolveNow, KnowsNothingOfAnInvalidName) {
  EXPECT_TRUE(resolve_now("no such name").empty());
}

}  // namespace
}  // namespace ss::net
