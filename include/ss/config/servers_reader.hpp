#pragma once

#include <vector>

#include "ss/config/gather.hpp"
#include "ss/config/local_config.hpp"

namespace ss::config {

/// The servers that ss-local may connect to, in the order of the file: one for each element of `servers` that is
/// enabled, and one for each address of `server`. Reports what is wrong with them.
/// @return  at least one, without an address where it was refused.
std::vector<Server> read_servers(Gathered& gathered);

}  // namespace ss::config
