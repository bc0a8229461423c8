#include "ss/net/mapped_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

#include "descriptor.hpp"
#include "ss/base/assert.hpp"

namespace ss::net {
namespace {

using Problem = MapResult::Problem;

MapResult failed(const char* call, int error = errno) {
  return {nullptr, false, Problem::system, call, error};
}

MapResult refused(Problem why) {
  return {nullptr, false, why, "", 0};
}

/// Whether it begins with `magic`; what is empty does.
bool begins_with(int file, std::string_view magic) {
  std::string found(magic.size(), '\0');
  const ssize_t length = ::pread(file, found.data(), found.size(), 0);
  return length == 0 || (length == static_cast<ssize_t>(magic.size()) && found == magic);
}

/// Takes the room, all zeros but `magic`: a write to a hole of a full disk would end the program.
/// @return  errno; 0: done.
int make_empty(int file, std::size_t size, std::string_view magic) {
  if (::ftruncate(file, 0) != 0) return errno;
#if defined(__APPLE__)
  if (::ftruncate(file, static_cast<off_t>(size)) != 0) return errno;
#else
  if (const int error = ::posix_fallocate(file, 0, static_cast<off_t>(size)); error != 0) return error;
#endif
  return ::pwrite(file, magic.data(), magic.size(), 0) == static_cast<ssize_t>(magic.size()) ? 0 : EIO;
}

}  // namespace

MapResult MappedFile::open(const std::string& path, std::size_t size, std::string_view magic) {
  SS_ASSERT(size > magic.size());
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR));
  if (!file.open()) return errno == ELOOP || errno == EISDIR ? refused(Problem::no_file) : failed("open");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failed("stat");
  if (!S_ISREG(status.st_mode)) return refused(Problem::no_file);
  if (status.st_uid != ::geteuid()) return refused(Problem::foreign);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) return refused(Problem::open_to_all);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? refused(Problem::in_use) : failed("lock");
  if (!begins_with(file.get(), magic)) return refused(Problem::other);
  // Before the lock another process may have been at it.
  if (::fstat(file.get(), &status) != 0) return failed("stat");

  MapResult result;
  result.is_new = static_cast<std::size_t>(status.st_size) != size;
  if (result.is_new) {
    if (const int error = make_empty(file.get(), size, magic); error != 0) return failed("write", error);
  }
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) return failed("mmap");
  result.file.reset(new MappedFile(file.release(), Bytes(static_cast<std::uint8_t*>(memory), size)));
  return result;
}

MappedFile::~MappedFile() {
  ::munmap(bytes_.data(), bytes_.size());
  ::close(descriptor_);
}

int MappedFile::sync() {
  return ::msync(bytes_.data(), bytes_.size(), MS_SYNC) == 0 ? 0 : errno;
}

}  // namespace ss::net
