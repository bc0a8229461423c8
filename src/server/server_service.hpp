#pragma once

#include "ss/config/server_config.hpp"

namespace ss::server {

/// Runs ss-server until TERM or INT. @return the exit code.
int run(const config::ServerConfig& config);

}  // namespace ss::server
