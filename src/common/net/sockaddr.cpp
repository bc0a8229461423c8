#include "sockaddr.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace ss::net {

bool is_unspecified(const IpAddress& address) {
  const ConstBytes bytes = address.bytes();
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

socklen_t put_address(void* at, const Endpoint& endpoint, Family form) {
  if (form == Family::v4 && endpoint.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.bytes().data(), sizeof v4.sin_addr);
    std::memcpy(at, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  const IpAddress address = endpoint.address.mapped();
  std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
  std::memcpy(at, &v6, sizeof v6);
  return sizeof v6;
}

Endpoint parse_address(const void* at) {
  sockaddr any{};
  std::memcpy(&any, at, offsetof(sockaddr, sa_data));
  if (any.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, at, sizeof v4);
    IpAddress::V4 bytes;
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return {IpAddress(bytes), ntohs(v4.sin_port)};
  }
  if (any.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, at, sizeof v6);
    IpAddress::V6 bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return {IpAddress(bytes).unmapped(), ntohs(v6.sin6_port)};
  }
  return {};
}

SocketAddress::SocketAddress(const Endpoint& endpoint)
    : length(put_address(&storage, endpoint, family_of(endpoint.address))) {}

Endpoint local_endpoint_of(int descriptor) {
  SocketAddress address;
  if (::getsockname(descriptor, address.get(), &address.length) != 0) return {};
  return address.endpoint();
}

Endpoint peer_endpoint_of(int descriptor) {
  SocketAddress address;
  if (::getpeername(descriptor, address.get(), &address.length) != 0) return {};
  return address.endpoint();
}

}  // namespace ss::net
