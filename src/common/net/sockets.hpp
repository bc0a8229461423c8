#pragma once

#include "descriptor.hpp"
#include "ss/net/resolver.hpp"

namespace ss::net {

/// A TCP socket that is non-blocking, closes on exec and raises no signal; not open, with errno, on failure.
/// @param mptcp  Multipath TCP where the kernel has it.
Descriptor open_tcp(Family family, bool mptcp = false);

/// One accepted connection, non-blocking and closed on exec; not open, with errno, on failure.
Descriptor accept_tcp(int listener);

}  // namespace ss::net
