#include "ss/net/host_addresses.hpp"

#include <ifaddrs.h>
#include <netdb.h>
#include <sys/socket.h>

#include "sockaddr.hpp"
#include "sockets.hpp"

namespace ss::net {
namespace {

bool holds_ip(const sockaddr* address) {
  return address != nullptr && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

}  // namespace

std::vector<IpAddress> interface_addresses() {
  std::vector<IpAddress> addresses;
  ifaddrs* interfaces = nullptr;
  if (::getifaddrs(&interfaces) != 0) return addresses;
  for (const ifaddrs* i = interfaces; i != nullptr; i = i->ifa_next) {
    if (holds_ip(i->ifa_addr)) addresses.push_back(parse_address(i->ifa_addr).address);
  }
  ::freeifaddrs(interfaces);
  return addresses;
}

std::optional<IpAddress> source_towards(const Endpoint& target) {
  // Connecting a UDP socket asks for the route and sends nothing.
  const Descriptor socket = open_udp(family_of(target.address), true);
  const SocketAddress address(target);
  if (!socket.open() || ::connect(socket.get(), address.get(), address.length) != 0) return std::nullopt;
  const IpAddress source = local_endpoint_of(socket.get()).address;
  if (is_unspecified(source)) return std::nullopt;
  return source;
}

std::vector<IpAddress> resolve_now(const std::string& name) {
  std::vector<IpAddress> addresses;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return addresses;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    if (holds_ip(a->ai_addr)) addresses.push_back(parse_address(a->ai_addr).address);
  }
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace ss::net
