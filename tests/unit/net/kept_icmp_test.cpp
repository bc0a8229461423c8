#include "../../../src/common/net/kept_icmp.hpp"

#include <gtest/gtest.h>

#if !defined(SS_PORTABLE) && defined(__linux__)
#include <linux/errqueue.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "loopback.hpp"

namespace ss::net {
namespace {

using namespace test;

/// What recvmsg gives of the error queue.
struct Kept {
  Kept(int level, int type, const sock_extended_err& error, std::size_t length = sizeof(sock_extended_err)) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(length);
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(length);
    std::memcpy(CMSG_DATA(header), &error, length);
  }
  alignas(cmsghdr) std::array<char, 64> control{};
  msghdr message{};
};

sock_extended_err icmp(std::uint8_t origin, std::uint8_t type, std::uint8_t code) {
  sock_extended_err error{};
  error.ee_errno = EHOSTUNREACH;
  error.ee_origin = origin;
  error.ee_type = type;
  error.ee_code = code;
  return error;
}

TEST(KeptIcmpError, IsAnExpiredTtlOfEitherFamily) {
  EXPECT_EQ(error_kept_in(Kept(IPPROTO_IP, IP_RECVERR, icmp(SO_EE_ORIGIN_ICMP, 11, 0)).message), kTtlExpired);
  EXPECT_EQ(error_kept_in(Kept(IPPROTO_IPV6, IPV6_RECVERR, icmp(SO_EE_ORIGIN_ICMP6, 3, 0)).message), kTtlExpired);
}

TEST(KeptIcmpError, IsTheKernelsForEverythingElse) {
  const sock_extended_err others[] = {
      icmp(SO_EE_ORIGIN_ICMP, 3, 0),    // unreachable; 3 is the type that ICMPv6 has for an expired TTL
      icmp(SO_EE_ORIGIN_ICMP, 11, 1),   // reassembly took too long
      icmp(SO_EE_ORIGIN_ICMP6, 1, 0),   // no route
      icmp(SO_EE_ORIGIN_ICMP6, 3, 1),   // reassembly
      icmp(SO_EE_ORIGIN_ICMP6, 11, 0),  // the type that ICMP has for it
      icmp(SO_EE_ORIGIN_LOCAL, 11, 0)};
  for (const sock_extended_err& other : others) {
    EXPECT_EQ(error_kept_in(Kept(IPPROTO_IP, IP_RECVERR, other).message), EHOSTUNREACH)
        << int{other.ee_origin} << " " << int{other.ee_type} << " " << int{other.ee_code};
  }
  const sock_extended_err expired = icmp(SO_EE_ORIGIN_ICMP, 11, 0);
  EXPECT_EQ(error_kept_in(Kept(SOL_SOCKET, SCM_RIGHTS, expired).message), 0);
  EXPECT_EQ(error_kept_in(Kept(IPPROTO_IP, IP_RECVERR, expired, sizeof expired - 1).message), 0);
  EXPECT_EQ(error_kept_in(msghdr{}), 0);
}

TEST(KeptIcmpTake, GivesNothingWhereNoMessageIsKept) {
  const PlainSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(take_kept_icmp(socket.get()), 0);
  EXPECT_TRUE(keep_icmp(socket.get(), Family::v4));
  EXPECT_EQ(take_kept_icmp(socket.get()), 0);
}

TEST(KeptIcmpKeep, IsRefusedWhereThereIsNoSuchSocket) {
  EXPECT_FALSE(keep_icmp(-1, Family::v4));
}

}  // namespace
}  // namespace ss::net
#endif
