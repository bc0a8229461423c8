#include "own_addresses.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <cstring>

namespace ss::server {

std::vector<IpAddress> own_addresses() {
  std::vector<IpAddress> addresses;
  ifaddrs* interfaces = nullptr;
  if (getifaddrs(&interfaces) != 0) return addresses;
  for (const ifaddrs* i = interfaces; i != nullptr; i = i->ifa_next) {
    if (i->ifa_addr == nullptr) continue;
    if (i->ifa_addr->sa_family == AF_INET) {
      sockaddr_in from{};
      std::memcpy(&from, i->ifa_addr, sizeof from);
      IpAddress::V4 bytes{};
      std::memcpy(bytes.data(), &from.sin_addr, bytes.size());
      addresses.emplace_back(bytes);
    } else if (i->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 from{};
      std::memcpy(&from, i->ifa_addr, sizeof from);
      IpAddress::V6 bytes{};
      std::memcpy(bytes.data(), &from.sin6_addr, bytes.size());
      addresses.emplace_back(bytes);
    }
  }
  freeifaddrs(interfaces);
  return addresses;
}

}  // namespace ss::server
