#include <fcntl.h>
#include <fmt/core.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "sandbox_parts.hpp"
#include "ss/ops/errno_text.hpp"

namespace ss::ops {

namespace {

// What kernels have learnt since Debian 12's headers were written (Documentation/userspace-api/landlock.rst).
constexpr std::uint64_t kTruncate = 1U << 14;        // ABI 3
constexpr std::uint64_t kBindTcp = 1U << 0;          // ABI 4
constexpr std::uint64_t kConnectTcp = 1U << 1;       // ABI 4
constexpr std::uint64_t kIoctlDevice = 1U << 15;     // ABI 5
constexpr std::uint64_t kAbstractSockets = 1U << 0;  // ABI 6
constexpr std::uint64_t kSignals = 1U << 1;          // ABI 6
constexpr int kRuleOfPort = 2;

struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t ports = 0;
  std::uint64_t scopes = 0;
};
struct PortRule {
  std::uint64_t allowed = 0;
  std::uint64_t port = 0;
};

Ruleset ruleset_of(long abi, const SandboxPlan& plan) {
  Ruleset all;
  all.files = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1U) - 1;  // everything of ABI 1
  if (abi >= 2) all.files |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) all.files |= kTruncate;
  if (abi >= 5) all.files |= kIoctlDevice;
  if (abi >= 4) all.ports = plan.connects ? kBindTcp | kConnectTcp : kBindTcp;
  if (abi >= 6) {
    all.scopes = kSignals;
    // Where a service manager waits at an abstract socket it could not be told of the end.
    const char* const manager = std::getenv("NOTIFY_SOCKET");
    if (manager == nullptr || *manager != '@') all.scopes |= kAbstractSockets;
  }
  return all;
}

/// The rules under construction. Owner: one function.
class Rules {
 public:
  explicit Rules(const Ruleset& all)
      : all_(all), fd_(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &all_, sizeof all_, 0))) {
    if (fd_ < 0) error_ = errno;
  }
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;
  ~Rules() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// Beneath `path`; nothing happens where that does not exist.
  void allow(const std::string& path, std::uint64_t access) {
    const int at = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (at < 0) return;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = access & all_.files;
    rule.parent_fd = at;
    add(LANDLOCK_RULE_PATH_BENEATH, &rule);
    ::close(at);
  }
  void allow_port(std::uint64_t access, std::uint16_t port) {
    if ((all_.ports & access) == 0) return;
    const PortRule rule{access, port};
    add(kRuleOfPort, &rule);
  }
  /// @return  0, or errno of whatever failed first.
  int enforce() {
    if (error_ == 0 && ::syscall(SYS_landlock_restrict_self, fd_, 0) != 0) error_ = errno;
    return error_;
  }

 private:
  void add(int type, const void* rule) {
    if (error_ == 0 && ::syscall(SYS_landlock_add_rule, fd_, type, rule, 0) != 0) error_ = errno;
  }

  const Ruleset all_;
  const int fd_;
  int error_ = 0;
};

/// Where a path lies once symbolic links are followed; empty where it does not exist.
std::string folder_of(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::canonical(path, ignored).parent_path().string();
}

}  // namespace

SandboxPart restrict_by_landlock(const SandboxPlan& plan) {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return {{}, "Landlock: this kernel does not have it, or it is switched off"};
  Rules rules(ruleset_of(abi, plan));
  // Whoever changes the name servers puts another file in the place of the old one, so that its folder is what counts.
  rules.allow("/etc", LANDLOCK_ACCESS_FS_READ_FILE);
  if (const std::string resolver = folder_of("/etc/resolv.conf"); resolver != "/etc" && !resolver.empty()) {
    rules.allow(resolver, LANDLOCK_ACCESS_FS_READ_FILE);
  }
  rules.allow("/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
  if (!plan.pid_file.empty()) {
    rules.allow(plan.pid_file, LANDLOCK_ACCESS_FS_READ_FILE);
    rules.allow(folder_of(plan.pid_file), LANDLOCK_ACCESS_FS_REMOVE_FILE);
  }
  rules.allow_port(kBindTcp, 0);
  for (const config::PortRange& range : plan.listens) {
    for (std::uint32_t port = range.first; port <= range.last; ++port) {
      rules.allow_port(kBindTcp, static_cast<std::uint16_t>(port));
    }
  }
  if (plan.connects) {
    for (const std::uint16_t port : *plan.connects) rules.allow_port(kConnectTcp, port);
  }
  if (const int error = rules.enforce()) return {{}, "Landlock: " + errno_text(error)};
  return {fmt::format("Landlock (ABI {})", abi), {}};
}

}  // namespace ss::ops
