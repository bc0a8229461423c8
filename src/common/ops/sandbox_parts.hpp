#pragma once

#include <string>

#include "ss/ops/sandbox.hpp"

namespace ss::ops {

/// One part of the sandbox: what holds, or why it does not.
struct SandboxPart {
  std::string held;
  std::string problem;  ///< empty where it holds
};

/// Changes to `plan.user`, drops every capability but those that the plan needs, and the means to get others.
/// `user_changed` says whether the first of that was done or not asked for.
SandboxPart drop_privileges(const SandboxPlan& plan, bool& user_changed);
/// Files, ports and signals.
/// @pre  no-new-privs is set
SandboxPart restrict_by_landlock(const SandboxPlan& plan);
/// System calls.
/// @pre  no-new-privs is set
SandboxPart restrict_system_calls();

}  // namespace ss::ops
