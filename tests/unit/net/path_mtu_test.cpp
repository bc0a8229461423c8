#include "../../../src/common/net/path_mtu.hpp"

#include <gtest/gtest.h>

#include "loopback.hpp"

namespace ss::net {
namespace {

using namespace test;

TEST(PathMtuLongestPayload, IsWhatLoopbackCarries) {
  // Its MTU is 65,536 bytes wherever nobody has changed it.
  EXPECT_EQ(longest_payload(loopback(9)), 65'507U);
}

TEST(PathMtuLongestPayload, IsUnknownWhereNoWayLeads) {
  EXPECT_EQ(longest_payload({IpAddress(IpAddress::V4{255, 255, 255, 255}), 9}), 0U);
}

TEST(PathMtuLongestPayload, IsUnknownForASocketThatIsNotConnected) {
  const PlainSocket socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(longest_payload(socket.get(), Family::v4), 0U);
}

}  // namespace
}  // namespace ss::net
