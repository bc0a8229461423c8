#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ss/config/server_config.hpp"
#include "ss/ops/command_line.hpp"

namespace ss::ops {

/// The ss:// links of a configuration: that of `user`; else one for each user; without users, one.
/// @param host  under which clients reach the server; empty: the first listener's name or address, and where that is
/// unspecified (`0.0.0.0`, `::`) the address that this machine has on the internet.
std::variant<std::vector<std::string>, UsageError> links_of(const config::ServerConfig& config, std::string_view user,
                                                            std::string_view host);

}  // namespace ss::ops
