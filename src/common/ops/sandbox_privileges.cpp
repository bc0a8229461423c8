#include <cap-ng.h>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "sandbox_parts.hpp"
#include "ss/ops/errno_text.hpp"

namespace ss::ops {

namespace {

/// What sockets that are opened later may need. A process that does not have them now cannot keep them.
std::vector<unsigned> needed_capabilities(const SandboxPlan& plan) {
  constexpr std::uint16_t kFirstFreePort = 1024;
  std::vector<unsigned> needed;
  if (plan.marks) needed.push_back(CAP_NET_ADMIN);
  if (plan.binds_device) needed.push_back(CAP_NET_RAW);
  const auto is_low = [](const config::PortRange& range) { return range.first < kFirstFreePort; };
  if (std::any_of(plan.listens.begin(), plan.listens.end(), is_low)) needed.push_back(CAP_NET_BIND_SERVICE);
  std::erase_if(needed, [](unsigned capability) { return capng_have_capability(CAPNG_PERMITTED, capability) == 0; });
  return needed;
}

/// @return  empty, or what is wrong.
std::string change_user(const std::string& name) {
  errno = 0;
  const passwd* const entry = ::getpwnam(name.c_str());
  if (entry == nullptr) return fmt::format("user: there is no user {}; write one that `id {}` knows", name, name);
  if (::geteuid() != 0) {
    if (::geteuid() == entry->pw_uid) return {};
    return fmt::format("user: only root can become {}; start the program as root, or as {} and without `user`", name,
                       name);
  }
  // Real, effective and saved IDs, and the groups of that user; the capabilities that were chosen are kept over it.
  const int failed = capng_change_id(static_cast<int>(entry->pw_uid), static_cast<int>(entry->pw_gid),
                                     static_cast<capng_flags_t>(CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING));
  if (failed != 0) return fmt::format("user: cannot become {}: {} (step {})", name, errno_text(errno), failed);
  return {};
}

}  // namespace

SandboxPart drop_privileges(const SandboxPlan& plan, bool& user_changed) {
  user_changed = plan.user.empty();
  capng_get_caps_process();
  // Only who may change the bounding set could get anything out of it, once there is no-new-privs.
  const bool bounds = plan.user.empty() && capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
  const std::vector<unsigned> needed = needed_capabilities(plan);
  // A service manager may have dropped everything, and the right to drop with it.
  const bool has_something_to_drop = bounds || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE;
  capng_clear(CAPNG_SELECT_BOTH);
  for (const unsigned capability : needed) {
    capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED), capability);
  }
  if (!plan.user.empty()) {
    std::string problem = change_user(plan.user);
    if (!problem.empty()) return {{}, std::move(problem)};
    user_changed = true;
    // Another user's memory is in this process now as before: the change made it readable again.
    ::prctl(PR_SET_DUMPABLE, 0);
  }
  if (plan.sandbox == config::Sandbox::off) return {};
  if (has_something_to_drop && capng_apply(bounds ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) != 0)
    return {{}, "capabilities cannot be dropped: " + errno_text(errno)};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return {{}, "no-new-privs cannot be set: " + errno_text(errno)};
  return {needed.empty() ? "no capabilities" : fmt::format("{} capabilities", needed.size()), {}};
}

}  // namespace ss::ops
