#pragma once

#include <string>

namespace ss::ops {

/// What an errno value means, e.g. `Permission denied (EACCES)`. Threads: any.
std::string errno_text(int error);

}  // namespace ss::ops
