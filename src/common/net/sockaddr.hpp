#pragma once

#include <sys/socket.h>

#include "ss/base/address.hpp"
#include "ss/net/resolver.hpp"

namespace ss::net {

/// Writes `endpoint` in the form that a socket of family `form` takes: on an IPv6 socket an IPv4 address goes mapped.
/// @param at  room for a sockaddr_in6.
/// @return  the length of what was written.
socklen_t put_address(void* at, const Endpoint& endpoint, Family form);
/// An unspecified endpoint where the family is neither IPv4 nor IPv6. IPv4-mapped addresses come out as IPv4.
Endpoint parse_address(const void* at);

/// An Endpoint in the form that system calls take.
struct SocketAddress {
  explicit SocketAddress(const Endpoint& endpoint);
  SocketAddress() = default;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] Endpoint endpoint() const { return parse_address(&storage); }

  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
};

inline Family family_of(const IpAddress& address) {
  return address.is_v4() ? Family::v4 : Family::v6;
}
inline int domain_of(Family family) {
  return family == Family::v4 ? AF_INET : AF_INET6;
}

/// 0.0.0.0 or ::
bool is_unspecified(const IpAddress& address);

/// getsockname and getpeername; unspecified where the socket has no such address.
Endpoint local_endpoint_of(int descriptor);
Endpoint peer_endpoint_of(int descriptor);

}  // namespace ss::net
