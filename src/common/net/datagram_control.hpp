#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>

#include "ss/base/address.hpp"
#include "ss/net/resolver.hpp"

namespace ss::net {

/// Room for what travels beside a datagram: our own address, and the size of the segments in one buffer.
struct DatagramControl {
  // An in6_pktinfo is the larger one of both families.
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int))> bytes;
};

/// What came beside a datagram.
struct Beside {
  IpAddress to;             ///< our address, if it is one that can be answered from; else unspecified
  std::size_t segment = 0;  ///< 0: the buffer is one datagram
};
Beside parse_control(const msghdr& message);

/// Says beside `message` where it leaves from (an unspecified `from`: nothing) and that it is cut into segments
/// (0: it is not).
/// @param room  filled, and what the message points at from then on.
/// @param form  the socket's family.
void put_control(msghdr& message, DatagramControl& room, Family form, const IpAddress& from, std::size_t segment);

/// Has the kernel say which of our addresses a datagram came to, on a socket bound to all of them.
void ask_for_own_address(int descriptor, Family form);

}  // namespace ss::net
