#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace ss::ops {

/// Opens /dev/null in place of those of standard input, output and error that are closed, so that no socket gets their
/// number and what is said on them. Comes before anything else is opened.
/// @return  0, or errno: one of them is still closed.
int fill_standard_descriptors();

/// Raises the limit of open files to `wanted`, or to the hard limit.
/// @return  empty, or one line that says what could not be had; the process runs with what there is.
std::string raise_descriptor_limit(std::optional<std::uint64_t> wanted);

/// Keeps keys out of core dumps and this process out of reach of other processes of the same user.
/// Does nothing in builds whose leak checker has to reach the process.
void forbid_dumps();

/// A write to a closed connection or log pipe becomes an error instead of the end of the process.
void ignore_broken_pipes();

/// How many columns the terminal behind `fd` has; 0 where it does not say.
/// @return  nothing where no terminal is there, or one that draws nothing (`TERM=dumb`).
std::optional<std::size_t> terminal_columns(int fd);

/// Tells a service manager that listens on `$NOTIFY_SOCKET` (systemd's Type=notify) e.g. `READY=1`. Nobody listens:
/// nothing happens.
/// @return  0, or errno.
int notify_manager(const std::string& state);

/// A file with the process ID, removed again when this goes, if it still holds our ID.
///
/// Owner: main. Threads: one.
class PidFile {
 public:
  PidFile() = default;
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  ~PidFile();

  /// Overwrites a file that is there, but follows no symbolic link (ELOOP) and touches nothing that is no plain file,
  /// or that has a second name somewhere (EEXIST): who runs as root may be given a path in a folder that others write
  /// to.
  /// @return  0, or errno.
  int write(const std::string& path);

 private:
  std::string path_;
};

}  // namespace ss::ops
