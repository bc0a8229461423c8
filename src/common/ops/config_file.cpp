#include "ss/ops/config_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "ss/ops/errno_text.hpp"

namespace ss::ops {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::string hint_for(int error, const std::string& path) {
  switch (error) {
    case EACCES:
      return fmt::format("; give the user that runs this the file: chown $USER '{}'", path);
    case ENOENT:
      return "; look at the spelling and at the working directory";
    default:
      return "";
  }
}

// Secrets grow in one piece of memory that is never moved: what a growing vector leaves behind would not be wiped.
class Collected {
 public:
  Collected() { bytes_.reserve(kMaxConfigFile + 1); }
  Collected(const Collected&) = delete;
  Collected& operator=(const Collected&) = delete;
  ~Collected() { wipe(bytes_); }

  // 0, or errno.
  int read_all(int fd) {
    while (bytes_.size() <= kMaxConfigFile) {
      const std::size_t before = bytes_.size();
      constexpr std::size_t kStep = 4096;
      bytes_.resize(std::min(before + kStep, kMaxConfigFile + 1));
      const ssize_t n = ::read(fd, bytes_.data() + before, bytes_.size() - before);
      const int error = errno;
      bytes_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
      if (n == 0) return 0;
      if (n < 0 && error != EINTR) return error;
    }
    return 0;
  }
  [[nodiscard]] ConstBytes bytes() const { return bytes_; }

 private:
  ByteVector bytes_;
};

}  // namespace

std::variant<FileText, FileProblem> read_config_file(const std::string& path) {
  const auto refuse = [&](std::string_view why) { return FileProblem{fmt::format("{}: {}", path, why)}; };
  const auto refuse_errno = [&](int error) { return refuse(errno_text(error) + hint_for(error, path)); };

  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return refuse_errno(errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return refuse_errno(errno);
  if (S_ISDIR(status.st_mode)) return refuse("is a directory; name the file in it");
  const bool regular = S_ISREG(status.st_mode);
  if (regular && (status.st_mode & S_IWOTH) != 0) {
    return refuse(fmt::format("everybody can write to it; run: chmod 600 '{}'", path));
  }

  Collected collected;
  if (const int error = collected.read_all(file.get()); error != 0) return refuse_errno(error);
  if (collected.bytes().size() > kMaxConfigFile) return refuse("longer than 1 MiB; a configuration is not");
  FileText text{Secret(collected.bytes()), ""};
  if (regular && (status.st_mode & (S_IRGRP | S_IWGRP | S_IROTH)) != 0) {
    text.warning = fmt::format("{}: other users can read the key in it; run: chmod 600 '{}'", path, path);
  }
  return text;
}

}  // namespace ss::ops
