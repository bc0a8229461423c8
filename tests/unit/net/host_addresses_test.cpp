#include "ss/net/host_addresses.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "loopback.hpp"

namespace ss::net {
namespace {

using namespace test;

TEST(HostAddressesInterfaceAddresses, HaveLoopbackAmongThem) {
  const auto addresses = interface_addresses();
  EXPECT_NE(std::find(addresses.begin(), addresses.end(), loopback(0).address), addresses.end());
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
