#include "kept_icmp.hpp"

#include <netinet/in.h>

#include <array>
#include <cstring>
#if !defined(SS_PORTABLE) && defined(__linux__)
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#endif

namespace ss::net {

#if !defined(SS_PORTABLE) && defined(__linux__)
namespace {

bool set_keeping(int descriptor, Family family, int value) {
  const bool v4 = family == Family::v4;
  return ::setsockopt(descriptor, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &value,
                      sizeof value) == 0;
}

bool is_expired_ttl(const sock_extended_err& error) {
  if (error.ee_origin == SO_EE_ORIGIN_ICMP) {
    return error.ee_type == ICMP_TIME_EXCEEDED && error.ee_code == ICMP_EXC_TTL;
  }
  return error.ee_origin == SO_EE_ORIGIN_ICMP6 && error.ee_type == ICMP6_TIME_EXCEEDED &&
         error.ee_code == ICMP6_TIME_EXCEED_TRANSIT;
}

}  // namespace

bool keep_icmp(int descriptor, Family family) {
  return set_keeping(descriptor, family, 1);
}

void forgo_icmp(int descriptor, Family family) {
  set_keeping(descriptor, family, 0);
}

int take_kept_icmp(int descriptor) {
  // What is quoted of the packet does not matter, so there is no room for it.
  alignas(cmsghdr) std::array<char, 256> control;
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  return ::recvmsg(descriptor, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0 ? error_kept_in(message) : 0;
}

int error_kept_in(const msghdr& message) {
  for (const cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr;
       at = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(at))) {
    const bool kept = (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_RECVERR) ||
                      (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_RECVERR);
    sock_extended_err error{};
    if (!kept || at->cmsg_len < CMSG_LEN(sizeof error)) continue;
    std::memcpy(&error, CMSG_DATA(at), sizeof error);
    return is_expired_ttl(error) ? kTtlExpired : static_cast<int>(error.ee_errno);
  }
  return 0;
}
#else
bool keep_icmp(int, Family) {
  return false;
}
void forgo_icmp(int, Family) {}
int take_kept_icmp(int) {
  return 0;
}
int error_kept_in(const msghdr&) {
  return 0;
}
#endif

}  // namespace ss::net
