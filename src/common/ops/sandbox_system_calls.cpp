#include <fmt/core.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

#include "sandbox_parts.hpp"
#include "ss/ops/errno_text.hpp"

namespace ss::ops {

namespace {

// By what they are for. What a system does not have is left out by libseccomp.
constexpr int kAllowed[] = {
    // sockets
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept4),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    // descriptors, the log and the files of resolvers
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(openat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstat),
    SCMP_SYS(lseek),
    SCMP_SYS(fcntl),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    // waiting
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(poll),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(futex),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(restart_syscall),
    // memory
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
    SCMP_SYS(msync),
    SCMP_SYS(getrandom),
    // threads, signals and the end
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(getpid),
    SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(prlimit64),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

/// @return  0, or -errno of the first rule that could not be had.
int add_rules(scmp_filter_ctx filter) {
  int failed = 0;
  const auto allow = [&](int call, std::initializer_list<scmp_arg_cmp> where = {}) {
    const int outcome =
        seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, static_cast<unsigned>(where.size()), where.begin());
    if (outcome != 0 && failed == 0) failed = outcome;
  };
  for (const int call : kAllowed) allow(call);
  for (const int family : {AF_INET, AF_INET6, AF_UNIX}) {
    allow(SCMP_SYS(socket), {SCMP_A0_32(SCMP_CMP_EQ, static_cast<std::uint32_t>(family))});
  }
  // How much of what was sent is not acknowledged yet, and whether a stream is a terminal.
  for (const unsigned long request : {static_cast<unsigned long>(SIOCOUTQ), static_cast<unsigned long>(FIONREAD),
                                      static_cast<unsigned long>(FIONBIO), static_cast<unsigned long>(TCGETS)}) {
    allow(SCMP_SYS(ioctl), {SCMP_A1_32(SCMP_CMP_EQ, static_cast<std::uint32_t>(request))});
  }
  // Memory never becomes code.
  allow(SCMP_SYS(mmap), {SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)});
  allow(SCMP_SYS(mprotect), {SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)});
  // Threads, never processes. The flags of clone3 lie in memory, where they cannot be looked at; told that it is not
  // there, the C library takes clone.
  allow(SCMP_SYS(clone), {SCMP_A0_32(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)});
  const int outcome = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, nullptr);
  return failed != 0 ? failed : outcome;
}

}  // namespace

SandboxPart restrict_system_calls() {
  // A call that we did not foresee fails, rather than take all connections down with the process.
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release);
  if (!filter) return {{}, "seccomp: no memory for the filter"};
  // A tree in place of a list: at most seven steps to a call. The kernel remembers besides which calls pass whatever
  // their arguments are.
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  int failed = add_rules(filter.get());
  if (failed == 0) failed = seccomp_load(filter.get());
  if (failed != 0) return {{}, "seccomp: " + errno_text(-failed)};
  return {fmt::format("{} system calls", std::size(kAllowed) + 5), {}};
}

}  // namespace ss::ops
