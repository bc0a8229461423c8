#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ss/base/address.hpp"

namespace ss::net {

/// The addresses of this machine's interfaces, as they are now.
std::vector<IpAddress> interface_addresses();

/// Where the system would send to `target` from; nothing is sent.
std::optional<IpAddress> source_towards(const Endpoint& target);

/// What the system's own resolver says that `name` stands for; empty where it does not know. Cost: blocks, for as long
/// as that resolver has patience; at start alone.
std::vector<IpAddress> resolve_now(const std::string& name);

}  // namespace ss::net
