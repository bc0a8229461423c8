#pragma once

#include <string>
#include <utility>

namespace ss::net {

/// A file that may change under us. Threads: none; one owner.
class WatchedFile {
 public:
  explicit WatchedFile(std::string path) : path_(std::move(path)) {}
  /// Whether it is another than at the last look: replaced, written to, gone or there again. The first look finds it
  /// changed.
  bool changed();
  /// Its text, or as much of it as we care to keep; empty where it cannot be read.
  [[nodiscard]] std::string read() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Stamp {
    unsigned long long device = 0;
    unsigned long long inode = 0;
    long long size = -1;
    long long seconds = 0;
    long long nanoseconds = 0;
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] Stamp stamp() const;

  std::string path_;
  Stamp seen_;
  bool looked_ = false;
};

}  // namespace ss::net
