#include "udp_offload.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "sockets.hpp"

namespace ss::net {
namespace {

UdpOffload find_out() {
  UdpOffload found;
#if !defined(SS_PORTABLE) && defined(UDP_SEGMENT) && defined(UDP_GRO)
  Descriptor socket = open_udp(Family::v4, false);
  if (!socket.open()) socket = open_udp(Family::v6, true);
  if (!socket.open()) return found;
  const int segment = 1200;
  const int on = 1;
  found.segments = ::setsockopt(socket.get(), IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) == 0;
  found.coalesces = ::setsockopt(socket.get(), IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0;
#endif
  return found;
}

}  // namespace

const UdpOffload& udp_offload() {
  static const UdpOffload found = find_out();
  return found;
}

void ask_for_joined([[maybe_unused]] int socket, [[maybe_unused]] const UdpOffload& offload) {
#if !defined(SS_PORTABLE) && defined(UDP_GRO)
  const int on = 1;
  if (offload.coalesces) ::setsockopt(socket, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
#endif
}

}  // namespace ss::net
