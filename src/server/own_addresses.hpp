#pragma once

#include <vector>

#include "ss/base/address.hpp"

namespace ss::server {

/// The addresses of this machine's interfaces, as they are now.
std::vector<IpAddress> own_addresses();

}  // namespace ss::server
