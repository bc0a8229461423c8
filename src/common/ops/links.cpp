#include "ss/ops/links.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "ss/base/address_class.hpp"
#include "ss/config/link.hpp"
#include "ss/config/nearest.hpp"
#include "ss/config/problem.hpp"

namespace ss::ops {

namespace {

// The source address that the kernel would choose towards the internet: connecting a datagram socket sends nothing.
std::optional<IpAddress> own_global_address() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::nullopt;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  address.sin_addr.s_addr = htonl(0x08080808);
  socklen_t size = sizeof address;
  const bool known = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!known) return std::nullopt;
  IpAddress::V4 bytes;
  std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
  const IpAddress own(bytes);
  if (classify(own) != AddressClass::global) return std::nullopt;
  return own;
}

std::string host_of(const config::ServerConfig& config) {
  const TargetAddress& listens = config.listeners.front().address;
  if (listens.is_domain()) return listens.domain();
  if (classify(listens.ip()) != AddressClass::unspecified) return listens.ip().to_string();
  const auto own = own_global_address();
  return own ? own->to_string() : std::string();
}

}  // namespace

std::variant<std::vector<std::string>, UsageError> links_of(const config::ServerConfig& config, std::string_view user,
                                                            std::string_view host) {
  if (!config.credentials.key.empty()) {
    return UsageError{"link: the server has a raw key, and a link has no room for one",
                      "set `password` instead of `key`"};
  }
  const std::string reached_by = host.empty() ? host_of(config) : std::string(host);
  if (reached_by.empty()) {
    return UsageError{"link: the configuration does not say under which address clients reach the server",
                      "add --host NAME-OR-ADDRESS"};
  }
  std::vector<std::string> links;
  std::vector<std::string_view> names;
  for (const config::User& known : config.users) {
    names.push_back(known.name);
    if (!user.empty() && known.name != user) continue;
    links.push_back(config::format_link(config::make_link(config, &known, reached_by)));
  }
  if (!user.empty() && links.empty()) {
    const std::string_view near = config::nearest(user, names);
    return UsageError{
        fmt::format("link: no user is called {}", config::printable(user)),
        near.empty() ? "the key `users` lists them" : fmt::format("did you mean {}?", config::printable(near))};
  }
  if (config.users.empty()) links.push_back(config::format_link(config::make_link(config, nullptr, reached_by)));
  return links;
}

}  // namespace ss::ops
