#pragma once

#include <string>
#include <variant>

#include "ss/base/secret.hpp"

namespace ss::ops {

/// A file that may hold secrets, read whole.
struct FileText {
  Secret text;  ///< wiped when it goes
  std::string
      warning;  ///< who else can read it and which command ends that, for use if it holds a secret; empty: nobody
};

/// Why a file was not read: one line that names it, and what to do about it.
struct FileProblem {
  std::string text;
};

inline constexpr std::size_t kMaxConfigFile = 1 << 20;

/// Reads a configuration or key file of at most 1 MiB, or what a pipe delivers.
///
/// A file that everybody may write is refused: whoever writes it decides where the traffic goes.
std::variant<FileText, FileProblem> read_config_file(const std::string& path);

}  // namespace ss::ops
