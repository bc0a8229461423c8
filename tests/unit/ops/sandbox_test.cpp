#include "ss/ops/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#if defined(__linux__) && !defined(SS_PORTABLE)
#include <grp.h>
#include <sys/prctl.h>
#endif

namespace ss::ops {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kWatched = true;
#else
constexpr bool kWatched = false;
#endif

#if defined(__linux__) && !defined(SS_PORTABLE)

/// What `act` returns in a child process that has entered the sandbox; -1 where that failed.
int inside(const SandboxPlan& plan, const std::function<int()>& act) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    int result = -1;
    if (enter_sandbox(plan).failure.empty()) result = act();
    if (::write(pipe[1], &result, sizeof result) < 0) std::_Exit(1);
    std::_Exit(0);
  }
  ::close(pipe[1]);
  int result = -1;
  EXPECT_EQ(::read(pipe[0], &result, sizeof result), static_cast<ssize_t>(sizeof result)) << "it did not live to tell";
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  return result;
}

SandboxPlan strict() {
  SandboxPlan plan;
  plan.sandbox = config::Sandbox::strict;
  return plan;
}

/// Errno of a call that returns a negative number on failure; 0 where it succeeded.
template <class Result>
int error_of(Result result) {
  return result < 0 ? errno : 0;
}
int error_of(void* mapped) {
  return mapped == MAP_FAILED ? errno : 0;
}

int open_for(const char* path, int flags) {
  return error_of(::open(path, flags | O_CLOEXEC, 0600));
}
int use_tcp_port(std::uint16_t port, bool connect) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* address = reinterpret_cast<const sockaddr*>(&at);
  return error_of(connect ? ::connect(fd, address, sizeof at) : ::bind(fd, address, sizeof at));
}

/// A file that is there, and one that is not; of this process, for tests run side by side.
const char* victim() {
  static const std::string path = "/tmp/ss-sandbox-victim-" + std::to_string(::getpid());
  return path.c_str();
}
const char* other() {
  static const std::string path = std::string(victim()) + "-other";
  return path.c_str();
}

struct Act {
  const char* name;
  std::function<int()> tried;  // errno, 0 where it succeeded
};

/// What a program that was taken over would try. Each is harmless where it is not stopped.
const std::vector<Act>& forbidden() {
  static const std::vector<Act> acts = {
      {"read a program", [] { return open_for("/usr/bin/env", O_RDONLY); }},
      {"read its environment", [] { return open_for("/proc/self/environ", O_RDONLY); }},
      {"write its memory through /proc", [] { return open_for("/proc/self/mem", O_RDWR); }},
      {"read kernel messages", [] { return open_for("/dev/kmsg", O_RDONLY); }},
      {"list a folder", [] { return open_for("/", O_RDONLY | O_DIRECTORY); }},
      {"make a file", [] { return open_for(other(), O_WRONLY | O_CREAT | O_EXCL); }},
      {"write a file of the system", [] { return open_for("/etc/hosts", O_WRONLY); }},
      {"make a folder", [] { return error_of(::mkdir(other(), 0700)); }},
      {"remove a file", [] { return error_of(::unlink(victim())); }},
      {"rename a file", [] { return error_of(std::rename(victim(), other())); }},
      {"link a file", [] { return error_of(::link(victim(), other())); }},
      {"make a symbolic link", [] { return error_of(::symlink("/etc", other())); }},
      {"make a pipe with a name", [] { return error_of(::mkfifo(other(), 0600)); }},
      {"cut a file short", [] { return error_of(::truncate(victim(), 0)); }},
      {"change a mode", [] { return error_of(::chmod(victim(), 0777)); }},
      {"change an owner", [] { return error_of(::chown(victim(), 0, 0)); }},
      {"change its root", [] { return error_of(::chroot("/tmp")); }},
      {"mount", [] { return error_of(::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr)); }},
      {"unmount", [] { return error_of(::syscall(SYS_umount2, nullptr, 0)); }},
      {"run a program", [] { return error_of(::syscall(SYS_execve, "/usr/bin/env", nullptr, nullptr)); }},
      {"start a process", [] { return error_of(::syscall(SYS_fork)); }},
      {"be traced", [] { return error_of(::syscall(SYS_ptrace, 0, 0, 0, 0)); }},
      {"read its parent's memory",
       [] { return error_of(::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0, nullptr, 0, 0)); }},
      {"signal its parent", [] { return error_of(::kill(::getppid(), 0)); }},
      {"become root", [] { return error_of(::setuid(0)); }},
      {"change groups", [] { return error_of(::setgroups(0, nullptr)); }},
      {"take capabilities", [] { return error_of(::syscall(SYS_capset, nullptr, nullptr)); }},
      {"allow core dumps", [] { return error_of(::prctl(PR_SET_DUMPABLE, 1)); }},
      {"leave a namespace", [] { return error_of(::syscall(SYS_unshare, 0)); }},
      {"enter a namespace", [] { return error_of(::syscall(SYS_setns, -1, 0)); }},
      {"map memory as code",
       [] { return error_of(::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)); }},
      {"map memory to write code into",
       [] {
         return error_of(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
       }},
      {"make memory code",
       [] {
         void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return error_of(::mprotect(page, 4096, PROT_READ | PROT_EXEC));
       }},
      {"make a file of memory alone", [] { return error_of(::syscall(SYS_memfd_create, "x", 0)); }},
      {"handle page faults", [] { return error_of(::syscall(SYS_userfaultfd, 0)); }},
      {"load a BPF program", [] { return error_of(::syscall(SYS_bpf, 0, nullptr, 0)); }},
      {"watch performance counters", [] { return error_of(::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0)); }},
      {"ask for keys of the kernel", [] { return error_of(::syscall(SYS_keyctl, 0, 0, 0, 0, 0)); }},
      {"set io_uring up", [] { return error_of(::syscall(SYS_io_uring_setup, 0, nullptr)); }},
      {"load a kernel module", [] { return error_of(::syscall(SYS_init_module, nullptr, 0, nullptr)); }},
      {"restart the machine", [] { return error_of(::syscall(SYS_reboot, 0, 0, 0, nullptr)); }},
      {"set the clock", [] { return error_of(::syscall(SYS_clock_settime, CLOCK_REALTIME, nullptr)); }},
      {"name the machine", [] { return error_of(::syscall(SYS_sethostname, nullptr, 0)); }},
      {"see packets", [] { return error_of(::socket(AF_PACKET, SOCK_RAW, 0)); }},
      {"send packets of its own make", [] { return error_of(::socket(AF_INET, SOCK_RAW, IPPROTO_RAW)); }},
      {"change routes", [] { return error_of(::socket(AF_NETLINK, SOCK_RAW, 0)); }},
      {"listen on a port that is not for it", [] { return use_tcp_port(18'388, false); }},
      {"connect to a port that is not for it", [] { return use_tcp_port(18'388, true); }},
  };
  return acts;
}

class SandboxHolds : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kWatched) GTEST_SKIP() << "sanitizers need what it forbids";
    if (inside(strict(), [] { return 0; }) != 0) GTEST_SKIP() << "this system cannot have all of it";
    static_cast<void>(other());
    std::FILE* const file = std::fopen(victim(), "w");
    ASSERT_NE(file, nullptr);
    std::fclose(file);
  }
  void TearDown() override { std::remove(victim()); }
};

TEST_F(SandboxHolds, RefusesWhatAProgramThatWasTakenOverWouldTry) {
  EXPECT_GE(forbidden().size(), 40U);
  SandboxPlan plan = strict();
  plan.connects = std::vector<std::uint16_t>{53};
  for (const Act& act : forbidden()) {
    const int error = inside(plan, act.tried);
    EXPECT_TRUE(error == EPERM || error == EACCES) << act.name << ": " << std::strerror(error);
  }
}

TEST_F(SandboxHolds, LeavesWhatAServerDoes) {
  EXPECT_EQ(inside(strict(), [] { return open_for("/etc/hosts", O_RDONLY); }), 0);
  EXPECT_EQ(inside(strict(), [] { return open_for("/dev/null", O_RDWR); }), 0);
  EXPECT_EQ(inside(strict(), [] { return error_of(::socket(AF_INET6, SOCK_DGRAM, 0)); }), 0);
  EXPECT_EQ(inside(strict(), [] { return use_tcp_port(0, false); }), 0);
  EXPECT_EQ(inside(strict(), [] { return use_tcp_port(18'388, true); }), ECONNREFUSED) << "it may connect to any port";
  EXPECT_EQ(inside(strict(),
                   [] {
                     int result = 1;
                     std::thread([&result] { result = open_for("/usr/bin/env", O_RDONLY); }).join();
                     return result;
                   }),
            EACCES)
      << "a thread can be started, and is held too";
}

TEST_F(SandboxHolds, LeavesThePortsOfThePlan) {
  SandboxPlan plan = strict();
  plan.listens = {{18'388, 18'390}};
  plan.connects = std::vector<std::uint16_t>{18'391};
  EXPECT_EQ(inside(plan, [] { return use_tcp_port(18'390, false); }), 0);
  EXPECT_EQ(inside(plan, [] { return use_tcp_port(18'391, true); }), ECONNREFUSED);
  EXPECT_EQ(inside(plan, [] { return use_tcp_port(18'390, true); }), EACCES);
}

TEST_F(SandboxHolds, LeavesThePidFileToBeRemoved) {
  SandboxPlan plan = strict();
  plan.pid_file = victim();
  EXPECT_EQ(inside(plan, [] { return open_for(victim(), O_RDONLY); }), 0);
  EXPECT_EQ(inside(plan, [] { return error_of(::unlink(victim())); }), 0);
}

TEST_F(SandboxHolds, NothingWhereItIsOff) {
  SandboxPlan plan;
  plan.sandbox = config::Sandbox::off;
  EXPECT_EQ(inside(plan, [] { return open_for("/usr/bin/env", O_RDONLY); }), 0);
  EXPECT_EQ(inside(plan, [] { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); }), 0);
}

class SandboxUser : public ::testing::Test {};

TEST_F(SandboxUser, IsBecomeForGood) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  SandboxPlan plan;
  plan.user = "nobody";
  EXPECT_EQ(inside(plan, [] { return error_of(::setuid(0)); }), EPERM);
  plan.sandbox = config::Sandbox::off;  // otherwise who it is cannot even be asked
  EXPECT_EQ(inside(plan, [] { return error_of(::setuid(0)); }), EPERM);
  EXPECT_EQ(inside(plan, [] { return ::getgroups(0, nullptr) <= 1 ? 0 : 1; }), 0) << "no groups of root's";
  const auto is_somebody_else = [] {
    uid_t real = 0;
    uid_t effective = 0;
    uid_t saved = 0;
    ::getresuid(&real, &effective, &saved);
    return real != 0 && real == effective && real == saved && ::getgid() != 0 ? 0 : 1;
  };
  EXPECT_EQ(inside(plan, is_somebody_else), 0);
}

TEST_F(SandboxUser, MustExist) {
  SandboxPlan plan;
  plan.sandbox = config::Sandbox::off;
  plan.user = "nobody-of-that-name";
  const SandboxOutcome outcome = enter_sandbox(plan);
  EXPECT_EQ(outcome.failure,
            "user: there is no user nobody-of-that-name; write one that `id nobody-of-that-name` knows");
}

#else

TEST(SandboxOfThisBuild, SaysThatItIsNotThere) {
  SandboxPlan plan;
  EXPECT_TRUE(enter_sandbox(plan).failure.empty());
  ASSERT_FALSE(enter_sandbox(plan).missing.empty());
  EXPECT_EQ(enter_sandbox(plan).missing.front(), "this build has none: it keeps to what every POSIX system has");
  plan.sandbox = config::Sandbox::strict;
  EXPECT_FALSE(enter_sandbox(plan).failure.empty());
  plan.sandbox = config::Sandbox::off;
  EXPECT_TRUE(enter_sandbox(plan).missing.empty());
  plan.user = "nobody-of-that-name";
  EXPECT_FALSE(enter_sandbox(plan).failure.empty());
}

#endif

}  // namespace
}  // namespace ss::ops
