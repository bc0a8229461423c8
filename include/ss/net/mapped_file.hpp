#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ss/base/bytes.hpp"

namespace ss::net {

class MappedFile;

/// What came of opening a MappedFile.
struct MapResult {
  enum class Problem : std::uint8_t {
    none,
    system,       ///< `error` says what the system says, `failed_at` of which call
    in_use,       ///< another process has it
    no_file,      ///< it is a folder, a device or a link
    foreign,      ///< it belongs to another user
    open_to_all,  ///< others than its owner may read or write it
    other,        ///< it holds something else
  };

  std::unique_ptr<MappedFile> file;  ///< null where there is a problem
  bool is_new = false;               ///< it was made just now, or had another size: zeros behind its first bytes
  Problem problem = Problem::none;
  const char* failed_at = "";
  int error = 0;  ///< errno
};

/// A file whose bytes are memory: what is written there outlives the program, however that ends (not the machine).
///
/// One process at a time has it, none but its owner may read it, and its room on the disk is taken beforehand, so that
/// a full disk cannot stop a write. Whoever shortens it meanwhile ends the program (SIGBUS).
///
/// Owner: whoever opened it. Threads: any; what lies in it is its owner's to lock.
class MappedFile {
 public:
  /// Opens the file, or makes it (mode 0600), with `size` bytes.
  /// @param magic  what it begins with; a file that holds something else is left alone.
  /// @pre  size > magic.size()
  static MapResult open(const std::string& path, std::size_t size, std::string_view magic);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] Bytes bytes() const { return bytes_; }
  /// Writes all of it to the disk, so that it outlives the machine too. Blocks.
  /// @return  errno; 0: done.
  int sync();

 private:
  MappedFile(int descriptor, Bytes bytes) : descriptor_(descriptor), bytes_(bytes) {}

  int descriptor_;  // holds the lock
  Bytes bytes_;
};

}  // namespace ss::net
