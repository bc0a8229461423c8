#include "sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "sockaddr.hpp"

namespace ss::net {
namespace {

#if !defined(SS_PORTABLE) && defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
constexpr bool kFlagsAtBirth = true;
constexpr int kFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;
#else
constexpr bool kFlagsAtBirth = false;
constexpr int kFlags = 0;
#endif

Descriptor prepared(int number) {
  Descriptor socket(number);
  if (!socket.open()) return socket;
  if (!kFlagsAtBirth) {
    ::fcntl(number, F_SETFD, FD_CLOEXEC);
    ::fcntl(number, F_SETFL, ::fcntl(number, F_GETFL) | O_NONBLOCK);
  }
#if defined(SO_NOSIGPIPE)
  const int on = 1;
  ::setsockopt(number, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  return socket;
}

}  // namespace

Descriptor open_tcp(Family family, bool mptcp) {
#if defined(__linux__)
  constexpr int kMptcp = 262;  // IPPROTO_MPTCP, which Debian 12's libc headers do not name everywhere
  if (mptcp) {
    Descriptor socket = prepared(::socket(domain_of(family), SOCK_STREAM | kFlags, kMptcp));
    if (socket.open() || errno == EMFILE || errno == ENFILE) return socket;
  }
#else
  static_cast<void>(mptcp);
#endif
  return prepared(::socket(domain_of(family), SOCK_STREAM | kFlags, IPPROTO_TCP));
}

Descriptor accept_tcp(int listener) {
#if !defined(SS_PORTABLE) && defined(__linux__)
  return Descriptor(::accept4(listener, nullptr, nullptr, kFlags));
#else
  return prepared(::accept(listener, nullptr, nullptr));
#endif
}

Descriptor open_udp(Family family, bool v6_only) {
  Descriptor socket = prepared(::socket(domain_of(family), SOCK_DGRAM | kFlags, IPPROTO_UDP));
  if (!socket.open() || family == Family::v4) return socket;
  const int value = v6_only ? 1 : 0;
  ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof value);
  return socket;
}

}  // namespace ss::net
