#pragma once

#include <string>

#include "ss/ops/command_line.hpp"

namespace ss::ops {

/// The help of one command of `program`: at most 24 lines of at most 80 columns.
std::string_view help_text(Program program, Command command);

/// Version, commit, compiler and the crypto back ends in use.
std::string version_text(Program program);

}  // namespace ss::ops
