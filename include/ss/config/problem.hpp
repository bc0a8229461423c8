#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ss::config {

/// Where something was written: a place in the file (both from 1, columns in characters), or a flag of the command
/// line.
struct Position {
  unsigned line = 0;
  unsigned column = 0;
  std::string_view flag{};  ///< `-p`; of static lifetime; empty for what stands in the file
};

enum class Severity : std::uint8_t { warning, error };

/// One thing that is wrong with a configuration, ready to be printed.
struct Problem {
  Severity severity = Severity::error;
  Position position;
  /// `FILE:LINE:COL: key: what is wrong; what to write instead`, or `FLAG: …` for what came from the command line. One
  /// line of printable text; it never holds a password or key.
  std::string text;
};

/// What is wrong with a value, and what to write instead.
struct Complaint {
  std::string what;
  std::string instead;
};

/// `text` in a form that keeps a message on one printable line: other bytes as `\xHH`, cut after 60 characters.
std::string printable(std::string_view text);

/// Collects problems while a configuration is read.
class ProblemList {
 public:
  /// @param file  how messages call the file; empty where there is none. Copied.
  explicit ProblemList(std::string_view file) : file_(file) {}

  /// @param key  path of the key, e.g. `locals[0].protocol`; empty for the file as a whole
  void error(const Position& at, std::string_view key, const Complaint& complaint);
  void warn(const Position& at, std::string_view key, const Complaint& complaint);

  [[nodiscard]] bool has_errors() const;
  /// All problems, each once: the command line's first, then by place in the file. The list is empty afterwards.
  std::vector<Problem> take();

 private:
  void add(Severity severity, const Position& at, std::string_view key, const Complaint& complaint);

  std::string file_;
  std::vector<Problem> problems_;
};

}  // namespace ss::config
