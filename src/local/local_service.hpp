#pragma once

#include "ss/config/local_config.hpp"

namespace ss::local {

/// Runs ss-local until TERM or INT. @return the exit code.
int run(const config::LocalConfig& config);

}  // namespace ss::local
