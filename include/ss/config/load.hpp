#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ss/base/secret.hpp"
#include "ss/config/local_config.hpp"
#include "ss/config/overrides.hpp"
#include "ss/config/problem.hpp"
#include "ss/config/server_config.hpp"

namespace ss::config {

/// A configuration file, read already.
struct File {
  std::string_view name;  ///< how messages call it
  std::string_view text;
};

/// The value of an environment variable, or nothing where it is not set.
using Environment = std::function<std::optional<Secret>(const std::string& name)>;

/// Everything that a configuration is made of; the file may be absent.
struct Sources {
  std::optional<File> file;
  Overrides overrides;
  Environment environment;  ///< answers `${NAME}`; may be empty, then no variable is set
};

template <class Config>
struct Loaded {
  /// Absent where one of `problems` is an error.
  std::optional<Config> config;
  /// Errors and warnings: the command line's first, then by place in the file.
  std::vector<Problem> problems;
};

/// Reads, merges and checks the whole configuration of one program; every problem is reported, not only the first.
/// Pure but for `sources.environment`. Threads: any.
Loaded<LocalConfig> load_local(const Sources& sources);
Loaded<ServerConfig> load_server(const Sources& sources);

}  // namespace ss::config
