#pragma once

#include <sys/socket.h>

#include "ss/net/resolver.hpp"
#include "ss/net/stream.hpp"

/// What ended a connect, as the network said it: Linux reports an expired TTL as an unreachable host, and keeps the
/// ICMP message itself only where it was asked to. It may not go on keeping them: under that option any ICMP error ends
/// an established connection too.
namespace ss::net {

/// Has the kernel keep the ICMP message that ends the connect of this socket.
/// @return false: this system does not.
bool keep_icmp(int descriptor, Family family);
/// Undoes keep_icmp().
void forgo_icmp(int descriptor, Family family);
/// Takes a message that was kept. The kernel keeps it before it ends the connect, so that whoever is woken by it may
/// find no other error yet.
/// @return  kTtlExpired, the errno that the kernel has for what it says, or 0 where none was kept.
int take_kept_icmp(int descriptor);
/// The same of what recvmsg gave.
int error_kept_in(const msghdr& message);

}  // namespace ss::net
