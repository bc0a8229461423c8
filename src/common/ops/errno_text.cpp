#include "ss/ops/errno_text.hpp"

#include <fmt/core.h>

#include <cstring>
#include <system_error>

namespace ss::ops {

std::string errno_text(int error) {
  std::string text = std::generic_category().message(error);
#if defined(__GLIBC__)
  if (const char* name = strerrorname_np(error); name != nullptr) text += fmt::format(" ({})", name);
#endif
  return text;
}

}  // namespace ss::ops
