#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ss/base/secret.hpp"
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

/// The environment variables that `${NAME}` in a configuration names, each of which holds a key: overwritten in the
/// environment and removed from it like `$SS_PASSWORD` when first asked for, and kept here for who asks again.
/// Owner: whoever loads the configuration. Threads: before others start (getenv).
class NamedVariables {
 public:
  /// @return  nothing where it is not set.
  std::optional<Secret> read(const std::string& name);

 private:
  std::map<std::string, Secret> taken_;
};

}  // namespace ss::ops
