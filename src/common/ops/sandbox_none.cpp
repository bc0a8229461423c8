#include <pwd.h>
#include <unistd.h>

#include "sandbox_parts.hpp"

namespace ss::ops {

namespace {

constexpr const char* kNone = "this build has none: it keeps to what every POSIX system has";

}  // namespace

SandboxPart drop_privileges(const SandboxPlan& plan, bool& user_changed) {
  const passwd* const entry = plan.user.empty() ? nullptr : ::getpwnam(plan.user.c_str());
  user_changed = plan.user.empty() || (entry != nullptr && entry->pw_uid == ::geteuid());
  if (!user_changed) return {{}, "user: this build cannot become " + plan.user + "; start it as that user"};
  return {{}, kNone};
}

SandboxPart restrict_by_landlock(const SandboxPlan& /*plan*/) {
  return {};
}

SandboxPart restrict_system_calls() {
  return {};
}

}  // namespace ss::ops
