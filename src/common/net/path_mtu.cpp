#include "path_mtu.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "sockaddr.hpp"
#include "sockets.hpp"

namespace ss::net {

std::size_t longest_payload(int connected, Family family) {
#if defined(IP_MTU) && defined(IPV6_MTU)
  const bool v4 = family == Family::v4;
  int mtu = 0;
  socklen_t length = sizeof mtu;
  if (::getsockopt(connected, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU : IPV6_MTU, &mtu, &length) != 0) return 0;
  const int headers = (v4 ? 20 : 40) + 8;
  // The length field of UDP counts its own header, that of IPv4 both.
  const int longest = v4 ? 65'507 : 65'527;
  return static_cast<std::size_t>(std::clamp(mtu - headers, 0, longest));
#else
  static_cast<void>(connected);
  static_cast<void>(family);
  return 0;
#endif
}

std::size_t longest_payload(const Endpoint& to) {
  const Family family = family_of(to.address);
  const Descriptor socket = open_udp(family, false);
  const SocketAddress address(to);
  if (!socket.open() || ::connect(socket.get(), address.get(), address.length) != 0) return 0;
  return longest_payload(socket.get(), family);
}

}  // namespace ss::net
