#include "watched_file.hpp"

#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <memory>

namespace ss::net {

namespace {

/// Enough for the longest block lists; what is longer is no hosts file.
constexpr std::size_t kMaxText = std::size_t{32} << 20;

}  // namespace

bool WatchedFile::changed() {
  const Stamp now = stamp();
  if (looked_ && now == seen_) return false;
  looked_ = true;
  seen_ = now;
  return true;
}

std::string WatchedFile::read() const {
  std::string text;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path_.c_str(), "re"), std::fclose);
  if (!file) return text;
  std::array<char, 16384> buffer;
  while (text.size() < kMaxText) {
    const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (n == 0) break;
    text.append(buffer.data(), n);
  }
  return text;
}

WatchedFile::Stamp WatchedFile::stamp() const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return {};
#if defined(__APPLE__)
  const timespec& modified = status.st_mtimespec;
#else
  const timespec& modified = status.st_mtim;
#endif
  Stamp stamp;
  stamp.device = static_cast<unsigned long long>(status.st_dev);
  stamp.inode = static_cast<unsigned long long>(status.st_ino);
  stamp.size = static_cast<long long>(status.st_size);
  stamp.seconds = static_cast<long long>(modified.tv_sec);
  stamp.nanoseconds = static_cast<long long>(modified.tv_nsec);
  return stamp;
}

}  // namespace ss::net
