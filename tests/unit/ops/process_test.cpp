#include "ss/ops/process.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "scratch_folder.hpp"

namespace ss::ops {
namespace {

using testing::HasSubstr;

bool is_dev_null(int fd) {
  struct stat is {};
  struct stat null {};
  return ::fstat(fd, &is) == 0 && ::stat("/dev/null", &null) == 0 && is.st_rdev == null.st_rdev && S_ISCHR(is.st_mode);
}

TEST(ProcessFillStandardDescriptors, PutsDevNullWhereOneIsClosed) {
  // In a child, so that the tests that follow can still say something. Its exit code: what is /dev/null.
  for (int closed = 0; closed < 8; ++closed) {
    EXPECT_EXIT(
        {
          for (int fd = 0; fd < 3; ++fd) {
            const int full = ::open("/dev/zero", O_RDWR);
            ::dup2(full, fd);
            if (full > 2) ::close(full);
          }
          for (int fd = 0; fd < 3; ++fd) {
            if ((closed & (1 << fd)) != 0) ::close(fd);
          }
          int null = fill_standard_descriptors() == 0 ? 0 : 64;
          for (int fd = 0; fd < 3; ++fd) null |= is_dev_null(fd) ? (1 << fd) : 0;
          std::_Exit(null);
        },
        testing::ExitedWithCode(closed), "");
  }
}

// The limit of open files, put back as it was.
class ProcessDescriptorLimit : public testing::Test {
 protected:
  ProcessDescriptorLimit() { ::getrlimit(RLIMIT_NOFILE, &before_); }
  ~ProcessDescriptorLimit() override { ::setrlimit(RLIMIT_NOFILE, &before_); }

  void lower(rlim_t to) const {
    const rlimit low{to, before_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  }
  static rlim_t now() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
  }

  rlimit before_{};
};

TEST_F(ProcessDescriptorLimit, RisesToTheHardLimit) {
  lower(64);
  EXPECT_EQ(raise_descriptor_limit(std::nullopt), "");
  EXPECT_EQ(now(), before_.rlim_max);
}

TEST_F(ProcessDescriptorLimit, IsWhatWasAskedFor) {
  lower(64);
  EXPECT_EQ(raise_descriptor_limit(128), "");
  EXPECT_EQ(now(), 128U);
}

TEST_F(ProcessDescriptorLimit, GoesAsFarAsItMayAndSaysSo) {
  if (before_.rlim_max == RLIM_INFINITY) GTEST_SKIP() << "there is no hard limit here";
  EXPECT_THAT(raise_descriptor_limit(before_.rlim_max + 1), HasSubstr("hard limit"));
  EXPECT_EQ(now(), before_.rlim_max);
}

TEST(ProcessForbidDumps, LeavesNoCore) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the leak checker has to reach the process";
#else
  // In a child, so that the tests that follow can still be debugged.
  EXPECT_EXIT(
      {
        forbid_dumps();
        rlimit limit{};
        ::getrlimit(RLIMIT_CORE, &limit);
        std::_Exit(limit.rlim_cur == 0 && limit.rlim_max == 0 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
#endif
}

TEST(ProcessIgnoreBrokenPipes, TurnsASignalIntoAnError) {
  ignore_broken_pipes();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  ::close(ends[1]);
}

class ProcessPidFile : public testing::Test {
 protected:
  [[nodiscard]] std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path_).rdbuf();
    return all.str();
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.path("pid");
};

TEST_F(ProcessPidFile, HoldsTheProcessIdAndGoes) {
  {
    PidFile file;
    EXPECT_EQ(file.write(path_), 0);
    EXPECT_EQ(text(), std::to_string(::getpid()) + "\n");
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ProcessPidFile, LeavesTheFileOfASuccessor) {
  {
    PidFile file;
    EXPECT_EQ(file.write(path_), 0);
    folder_.write("pid", "1\n");
  }
  EXPECT_EQ(text(), "1\n");
}

TEST_F(ProcessPidFile, OverwritesALongerFile) {
  folder_.write("pid", "a line that is longer than any process ID\n");
  PidFile file;
  EXPECT_EQ(file.write(path_), 0);
  EXPECT_EQ(text(), std::to_string(::getpid()) + "\n");
}

TEST_F(ProcessPidFile, FollowsNoSymbolicLink) {
  const std::string precious = folder_.write("precious", "precious\n");
  for (const std::string& target : {precious, folder_.path("absent")}) {
    std::filesystem::create_symlink(target, path_);
    PidFile file;
    EXPECT_EQ(file.write(path_), ELOOP);
    std::filesystem::remove(path_);
  }
  EXPECT_EQ(std::filesystem::file_size(precious), 9U);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("absent")));
}

TEST_F(ProcessPidFile, LeavesAFileThatHasASecondName) {
  const std::string precious = folder_.write("precious", "precious\n");
  std::filesystem::create_hard_link(precious, path_);
  {
    PidFile file;
    EXPECT_EQ(file.write(path_), EEXIST);
  }
  EXPECT_EQ(text(), "precious\n");
}

TEST_F(ProcessPidFile, LeavesWhatIsNoPlainFile) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  PidFile file;
  EXPECT_EQ(file.write(path_), EEXIST);
  ::close(reader);
  PidFile unread;
  EXPECT_EQ(unread.write(path_), ENXIO);
}

TEST_F(ProcessPidFile, TellsWhyItCannotBeWritten) {
  PidFile file;
  EXPECT_EQ(file.write(folder_.path("absent/pid")), ENOENT);
}

// A terminal of the test's own.
class ProcessTerminalColumns : public testing::Test {
 protected:
  ProcessTerminalColumns() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    ::grantpt(master_);
    ::unlockpt(master_);
    terminal_ = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
  }
  ~ProcessTerminalColumns() override {
    ::close(terminal_);
    ::close(master_);
  }

  int master_;
  int terminal_ = -1;
  const Variable kind_{"TERM", "xterm"};
};

TEST_F(ProcessTerminalColumns, AreThoseOfTheTerminal) {
  winsize size{};
  size.ws_col = 97;
  ASSERT_EQ(::ioctl(terminal_, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(terminal_columns(terminal_), 97U);
}

TEST_F(ProcessTerminalColumns, AreZeroWhereItDoesNotSay) {
  EXPECT_EQ(terminal_columns(terminal_), 0U);
}

TEST_F(ProcessTerminalColumns, AreNoneOfADumbTerminal) {
  const Variable dumb("TERM", "dumb");
  EXPECT_EQ(terminal_columns(terminal_), std::nullopt);
}

TEST_F(ProcessTerminalColumns, AreNoneOfAFileAPipeOrNothing) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const int file = ::open("/dev/null", O_WRONLY);
  EXPECT_EQ(terminal_columns(ends[1]), std::nullopt);
  EXPECT_EQ(terminal_columns(file), std::nullopt);
  EXPECT_EQ(terminal_columns(-1), std::nullopt);
  for (const int fd : {ends[0], ends[1], file}) ::close(fd);
}

class ProcessNotify : public testing::Test {
 protected:
  // What a service manager that listens on `address` hears; nothing where it hears nothing.
  static std::string heard(const sockaddr_un& address, socklen_t size, const std::string& name,
                           const std::string& state) {
    const int manager = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    EXPECT_EQ(::bind(manager, reinterpret_cast<const sockaddr*>(&address), size), 0) << std::strerror(errno);
    const Variable variable("NOTIFY_SOCKET", name.c_str());
    EXPECT_EQ(notify_manager(state), 0);
    std::array<char, 64> buffer{};
    const ssize_t n = ::recv(manager, buffer.data(), buffer.size(), 0);
    ::close(manager);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
  }
};

TEST_F(ProcessNotify, SpeaksToASocketInAFolder) {
  const ScratchFolder folder;
  const std::string path = folder.path("notify");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  EXPECT_EQ(heard(address, sizeof address, path, "READY=1"), "READY=1");
}

#if defined(__linux__)
TEST_F(ProcessNotify, SpeaksToAnAbstractSocket) {
  const std::string name = "@ss-ops-test-" + std::to_string(::getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  EXPECT_EQ(heard(address, size, name, "STOPPING=1"), "STOPPING=1");
}
#endif

TEST_F(ProcessNotify, IsSilentWhereNobodyListens) {
  const Variable variable("NOTIFY_SOCKET", nullptr);
  EXPECT_EQ(notify_manager("READY=1"), 0);
}

TEST_F(ProcessNotify, TellsOfASocketThatIsNotThere) {
  const ScratchFolder folder;
  const Variable variable("NOTIFY_SOCKET", folder.path("absent").c_str());
  EXPECT_EQ(notify_manager("READY=1"), ENOENT);
  const Variable too_long("NOTIFY_SOCKET", std::string(200, 'x').c_str());
  EXPECT_EQ(notify_manager("READY=1"), ENAMETOOLONG);
}

}  // namespace
}  // namespace ss::ops
