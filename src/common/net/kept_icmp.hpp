#pragma once

#include <sys/socket.h>

#include "ss/net/resolver.hpp"

/// What ended a connect, as the network said it: Linux reports an expired TTL as an unreachable host, and keeps the
/// ICMP message itself only where it was asked to. It may not go on keeping them: under that option any ICMP error ends
/// an established connection too.
namespace ss::net {

/// Has the kernel keep the ICMP message that ends the connect of this socket.
/// @return false: this system does not.
bool keep_icmp(int descriptor, Family family);
/// Undoes keep_icmp().
void forgo_icmp(int descriptor, Family family);
/// Takes a message that was kept. @return whether there was one, and it says that the TTL expired on the way.
bool was_ttl_expired(int descriptor);
/// The same of what recvmsg gave.
bool tells_expired_ttl(const msghdr& message);

}  // namespace ss::net
