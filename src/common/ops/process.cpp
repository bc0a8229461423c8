#include "ss/ops/process.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "ss/ops/errno_text.hpp"

namespace ss::ops {

int fill_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    // The lowest free number is given out, and those below are taken.
    const int opened = ::open("/dev/null", O_RDWR);
    if (opened < 0) return errno;
    if (opened != fd) return EBADF;
  }
  return 0;
}

std::string raise_descriptor_limit(std::optional<std::uint64_t> wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return fmt::format("nofile: {}", errno_text(errno));
  const rlim_t asked = wanted ? static_cast<rlim_t>(*wanted) : limit.rlim_max;
  const rlim_t granted = std::min(asked, limit.rlim_max);
  limit.rlim_cur = granted;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return fmt::format("nofile: {}", errno_text(errno));
  if (granted == asked) return {};
  return fmt::format("nofile: {} asked for, but the hard limit is {}; raise LimitNOFILE= in the unit or ulimit -Hn",
                     asked, granted);
}

void forbid_dumps() {
#if !defined(__SANITIZE_ADDRESS__)
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__)
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
#endif
}

void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

std::optional<std::size_t> terminal_columns(int fd) {
  if (::isatty(fd) == 0) return std::nullopt;
  const char* kind = std::getenv("TERM");
  if (kind != nullptr && std::string_view(kind) == "dumb") return std::nullopt;
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int notify_manager(const std::string& state) {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || *name == '\0') return 0;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(name);
  if (length >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, name, length);
  // sd_notify(3): a name that begins with @ stands for the abstract namespace.
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  const ssize_t sent =
      ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
  const int error = sent < 0 ? errno : 0;
  ::close(fd);
  return error;
}

namespace {

// @return  0, or errno.
int write_into(int fd) {
  struct stat is {};
  if (::fstat(fd, &is) != 0) return errno;
  if (!S_ISREG(is.st_mode) || is.st_nlink != 1) return EEXIST;
  const std::string line = fmt::format("{}\n", ::getpid());
  const bool written = ::ftruncate(fd, 0) == 0 && ::write(fd, line.data(), line.size()) >= 0;
  return written ? 0 : errno;
}

}  // namespace

int PidFile::write(const std::string& path) {
  // Without O_NONBLOCK a FIFO would hold the start up; it is not emptied before it is known to be what it should be.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
  if (fd < 0) return errno;
  const int error = write_into(fd);
  ::close(fd);
  if (error == 0) path_ = path;
  return error;
}

PidFile::~PidFile() {
  if (path_.empty()) return;
  std::ifstream file(path_);
  long pid = 0;
  if (file >> pid && pid == ::getpid()) ::unlink(path_.c_str());
}

}  // namespace ss::ops
