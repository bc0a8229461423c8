#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ss/ops/command_line.hpp"

namespace ss::ops {

/// What became of the search for keys.
struct KeySearch {
  std::vector<std::string> warnings;   ///< one line each
  std::optional<std::string> problem;  ///< one line; set: exit 2
};

/// Puts the key of `--key-file`, else the systemd credential `password`, into the overrides, and `$SS_PASSWORD` as what
/// is used where nothing else gives one. A key on the command line stays in front of the credential. Line ends behind a
/// key in a file do not belong to it.
///
/// `$SS_PASSWORD` is overwritten in the environment and removed from it, so that it is not there to be read in /proc.
/// Threads: before others start (getenv).
KeySearch find_keys(CommandLine& line);

/// The environment variable `name`, for `${NAME}` in a configuration. Threads: before others start.
std::optional<std::string> environment_variable(const std::string& name);

}  // namespace ss::ops
