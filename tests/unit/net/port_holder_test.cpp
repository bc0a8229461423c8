#include "ss/net/port_holder.hpp"

#include <gtest/gtest.h>

#include "loopback.hpp"

#if defined(__linux__) && !defined(SS_PORTABLE)

namespace ss::net {
namespace {

using namespace test;

/// Listens on the wildcard address of `family`. @return the port.
std::uint16_t listen_on_any(const PlainSocket& socket, int family) {
  sockaddr_storage address{};
  address.ss_family = static_cast<sa_family_t>(family);
  socklen_t length = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  ::listen(socket.get(), 1);
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length);
  // The port lies at the same place in both.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

const std::string kMyself = "pid " + std::to_string(::getpid()) + " (";

TEST(PortHolderDescribe, NamesThisProcess) {
  const PlainSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const std::uint16_t port = listen_on_any(socket, AF_INET);
  EXPECT_TRUE(describe_port_holder(loopback(port)).starts_with(kMyself));
  EXPECT_TRUE(describe_port_holder({IpAddress(IpAddress::V6{}), port}).starts_with(kMyself));
}

TEST(PortHolderDescribe, FindsADualStackListener) {
  const PlainSocket socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.open()) GTEST_SKIP() << "no IPv6 here";
  const std::uint16_t port = listen_on_any(socket, AF_INET6);
  EXPECT_TRUE(describe_port_holder(loopback(port)).starts_with(kMyself));
}

TEST(PortHolderDescribe, SaysNothingAboutAFreePort) {
  std::uint16_t port = 0;
  {
    const PlainSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    port = listen_on_any(socket, AF_INET);
  }
  EXPECT_EQ(describe_port_holder(loopback(port)), "");
}

}  // namespace
}  // namespace ss::net

#endif
