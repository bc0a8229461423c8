#include "ss/ops/links.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "ss/base/address_class.hpp"
#include "ss/config/link.hpp"
#include "ss/config/nearest.hpp"
#include "ss/config/problem.hpp"
#include "ss/net/host_addresses.hpp"

namespace ss::ops {

namespace {

// The address that this machine has towards the internet, where that is one the internet reaches.
std::optional<IpAddress> own_global_address() {
  const Endpoint anywhere{IpAddress(IpAddress::V4{8, 8, 8, 8}), 53};
  const std::optional<IpAddress> own = net::source_towards(anywhere);
  return own && classify(*own) == AddressClass::global ? own : std::nullopt;
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
        "link: there is no such user",  // no word is repeated: it may be what missing quotes cut off a key
        near.empty() ? "the key `users` lists them" : fmt::format("did you mean {}?", config::printable(near))};
  }
  if (config.users.empty()) links.push_back(config::format_link(config::make_link(config, nullptr, reached_by)));
  return links;
}

}  // namespace ss::ops
