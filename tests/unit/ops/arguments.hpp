#pragma once

#include <string>
#include <vector>

namespace ss::ops {

/// What main() gets: writable strings behind a program's name.
class Arguments {
 public:
  explicit Arguments(std::vector<std::string> words) : words_(std::move(words)) {
    words_.insert(words_.begin(), "program");
    for (std::string& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  [[nodiscard]] int count() const { return static_cast<int>(words_.size()); }
  [[nodiscard]] char** pointers() { return pointers_.data(); }
  /// What the process list shows.
  [[nodiscard]] std::string shown() const {
    std::string line;
    for (std::size_t i = 1; i < words_.size(); ++i) line += (i > 1 ? " " : "") + words_[i];
    return line;
  }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

}  // namespace ss::ops
