#pragma once

#include "ss/config/local_config.hpp"
#include "ss/config/server_config.hpp"

namespace ss::ops {

/// All of main(): reads the command line, answers the commands that do not run anything, else loads the configuration,
/// prepares the process and calls `run`.
///
/// Exit codes: 0 fine, 1 could not start or died, 2 bad configuration or usage.
/// @param run  the service; its result is the exit code.
int run_local(int argc, char** argv, int (*run)(const config::LocalConfig& config));
int run_server(int argc, char** argv, int (*run)(const config::ServerConfig& config));

}  // namespace ss::ops
