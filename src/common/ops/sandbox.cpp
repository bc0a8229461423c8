#include "ss/ops/sandbox.hpp"

#include "sandbox_parts.hpp"

namespace ss::ops {

namespace {

/// Sanitizers read their own process, start threads and write reports by calls that nothing else needs.
constexpr bool kWatched =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#else
    false;
#endif

void note(SandboxOutcome& outcome, const SandboxPart& part, config::Sandbox sandbox) {
  if (part.problem.empty()) {
    if (!part.held.empty()) outcome.held.push_back(part.held);
  } else if (sandbox == config::Sandbox::strict) {
    outcome.failure = "sandbox: " + part.problem + "; \"sandbox\": \"auto\" goes on without it";
  } else {
    outcome.missing.push_back(part.problem);
  }
}

}  // namespace

SandboxOutcome enter_sandbox(const SandboxPlan& plan) {
  SandboxOutcome outcome;
  bool user_changed = false;
  const SandboxPart privileges = drop_privileges(plan, user_changed);
  if (!user_changed) {
    outcome.failure = privileges.problem;
    return outcome;
  }
  if (plan.sandbox == config::Sandbox::off) return outcome;
  note(outcome, privileges, plan.sandbox);
  if (kWatched) {
    note(outcome, {{}, "a build with sanitizers, which Landlock and seccomp would stop"}, plan.sandbox);
    return outcome;
  }
  if (outcome.failure.empty()) note(outcome, restrict_by_landlock(plan), plan.sandbox);
  if (outcome.failure.empty()) note(outcome, restrict_system_calls(), plan.sandbox);
  return outcome;
}

}  // namespace ss::ops
