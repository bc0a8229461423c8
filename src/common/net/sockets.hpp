#pragma once

#include "descriptor.hpp"
#include "ss/net/resolver.hpp"

namespace ss::net {

/// A TCP socket that is non-blocking, closes on exec and raises no signal; not open, with errno, on failure.
/// @param mptcp  Multipath TCP where the kernel has it.
Descriptor open_tcp(Family family, bool mptcp = false);

/// One accepted connection, non-blocking and closed on exec; not open, with errno, on failure.
Descriptor accept_tcp(int listener);

/// A UDP socket that is non-blocking and closes on exec; not open, with errno, on failure.
/// @param v6_only  an IPv6 socket leaves IPv4 alone.
Descriptor open_udp(Family family, bool v6_only);

}  // namespace ss::net
