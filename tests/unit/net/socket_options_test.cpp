#include "ss/net/socket_options.hpp"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <string_view>

#include "loopback.hpp"

namespace ss::net {
namespace {

using namespace test;

int get(const PlainSocket& socket, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  EXPECT_EQ(::getsockopt(socket.get(), level, name, &value, &length), 0);
  return value;
}
PlainSocket new_socket(int family = AF_INET) {
  return PlainSocket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

TEST(SocketOptionsApply, SetsTheDefaults) {
  const PlainSocket socket = new_socket();
  EXPECT_EQ(apply_before_connect(socket.get(), Family::v4, {}), 0);
  EXPECT_NE(get(socket, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_NE(get(socket, SOL_SOCKET, SO_KEEPALIVE), 0);
#if defined(TCP_KEEPIDLE)
  EXPECT_EQ(get(socket, IPPROTO_TCP, TCP_KEEPIDLE), 15);
  EXPECT_EQ(get(socket, IPPROTO_TCP, TCP_KEEPINTVL), 15);
#endif
#if defined(TCP_USER_TIMEOUT)
  EXPECT_EQ(get(socket, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
#endif
}

TEST(SocketOptionsApply, LeavesWhatIsNotAskedFor) {
  const PlainSocket socket = new_socket();
  SocketOptions options;
  options.no_delay = false;
  options.keep_alive = 0s;
  EXPECT_EQ(apply_before_connect(socket.get(), Family::v4, options), 0);
  EXPECT_EQ(get(socket, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(get(socket, SOL_SOCKET, SO_KEEPALIVE), 0);
}

TEST(SocketOptionsApply, SetsBuffersServiceClassAndLowWater) {
  const PlainSocket socket = new_socket();
  SocketOptions options;
  options.send_buffer = 64 << 10;
  options.recv_buffer = 32 << 10;
  options.dscp = 46;
  options.not_sent_low_water = 16 << 10;
  EXPECT_EQ(apply_before_connect(socket.get(), Family::v4, options), 0);
  EXPECT_GE(get(socket, SOL_SOCKET, SO_SNDBUF), 64 << 10);
  EXPECT_GE(get(socket, SOL_SOCKET, SO_RCVBUF), 32 << 10);
  EXPECT_EQ(get(socket, IPPROTO_IP, IP_TOS), 46 << 2);
#if defined(TCP_NOTSENT_LOWAT)
  EXPECT_EQ(get(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 16 << 10);
#endif
}

TEST(SocketOptionsApply, BindsTheAddressOfTheFamily) {
  const PlainSocket socket = new_socket();
  SocketOptions options;
  options.bind_v4 = IpAddress(IpAddress::V4{127, 0, 0, 9});
  EXPECT_EQ(apply_before_connect(socket.get(), Family::v4, options), 0);
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length);
  EXPECT_EQ(ntohl(address.sin_addr.s_addr), 0x7f000009U);
}

TEST(SocketOptionsApply, RefusesAFamilyWithoutABindAddress) {
  const PlainSocket socket = new_socket();
  SocketOptions options;
  options.bind_v6 = IpAddress(IpAddress::V6{});
  EXPECT_EQ(apply_before_connect(socket.get(), Family::v4, options), EAFNOSUPPORT);
}

TEST(SocketOptionsApply, FailsWhereTheAddressIsNotOurs) {
  const PlainSocket socket = new_socket();
  SocketOptions options;
  options.bind_v4 = IpAddress(IpAddress::V4{192, 0, 2, 1});
  EXPECT_EQ(apply_before_connect(socket.get(), Family::v4, options), EADDRNOTAVAIL);
}

TEST(SocketOptionsApply, FailsWhereTheInterfaceIsNotThere) {
  const PlainSocket socket = new_socket();
  SocketOptions options;
  options.bind_interface = "no-such-if0";
  EXPECT_NE(apply_before_connect(socket.get(), Family::v4, options), 0);
}

#if defined(TCP_CONGESTION)
bool set_congestion_control(int socket, std::string_view name) {
  return ::setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(), static_cast<socklen_t>(name.size())) == 0;
}

TEST(SocketOptionsForgoPacing, TakesBbrAway) {
  const PlainSocket socket = new_socket();
  if (!set_congestion_control(socket.get(), "bbr")) GTEST_SKIP() << "no BBR for this user here";
  forgo_pacing(socket.get());
  const std::string now = congestion_control_of(socket.get());
  EXPECT_TRUE(now == "cubic" || now == "reno") << now;
}

TEST(SocketOptionsForgoPacing, LeavesOthersAlone) {
  const PlainSocket socket = new_socket();
  ASSERT_TRUE(set_congestion_control(socket.get(), "reno"));
  forgo_pacing(socket.get());
  EXPECT_EQ(congestion_control_of(socket.get()), "reno");
}
#endif

}  // namespace
}  // namespace ss::net
