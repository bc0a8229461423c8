#pragma once

#include <sys/socket.h>

#include "ss/base/address.hpp"
#include "ss/net/resolver.hpp"

namespace ss::net {

/// An Endpoint in the form that system calls take.
struct SocketAddress {
  explicit SocketAddress(const Endpoint& endpoint);
  SocketAddress() = default;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  /// An unspecified endpoint where the family is neither IPv4 nor IPv6. IPv4-mapped addresses come out as IPv4.
  [[nodiscard]] Endpoint endpoint() const;

  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
};

inline Family family_of(const IpAddress& address) {
  return address.is_v4() ? Family::v4 : Family::v6;
}
inline int domain_of(Family family) {
  return family == Family::v4 ? AF_INET : AF_INET6;
}

/// getsockname and getpeername; unspecified where the socket has no such address.
Endpoint local_endpoint_of(int descriptor);
Endpoint peer_endpoint_of(int descriptor);

}  // namespace ss::net
