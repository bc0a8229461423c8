#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ss/config/problem.hpp"

namespace ss::config {

/// Walks over the tokens of a JSON text and counts lines and columns on the way. It judges nothing: the parser does
/// that.
///
/// Lifetime: that of the text. Cost: each byte is looked at once.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  /// Moves over blanks, comments, `:` and `,` to the next token. @return whether a `:` or `,` was among them.
  bool skip_between();
  /// Moves over the text, number, word or bracket that stands here.
  void skip_token();
  /// Moves over the comment that begins here. @return false where none does.
  bool skip_comment();
  /// Moves to `offset`, which is not behind.
  void advance_to(std::size_t offset);

  [[nodiscard]] Position position() const { return {line_, column_, {}}; }
  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] bool at_end() const { return offset_ >= text_.size(); }

 private:
  void step();

  std::string_view text_;
  std::size_t offset_ = 0;
  unsigned line_ = 1;
  unsigned column_ = 1;
};

/// The same text with a blank in the place of each comma that stands before a closing bracket and after a value, so
/// that offsets stay the same.
std::string without_trailing_commas(std::string_view text);

/// What is wrong where a parser gave up, and where that begins.
struct SyntaxError {
  Position position;
  Complaint complaint;
};

/// Finds the words for a syntax error: a missing comma or quote, a single quote, an end that comes too early …
/// @param stopped  how many bytes the parser had read, the offending one included; may be past the end
SyntaxError explain_syntax_error(std::string_view text, std::size_t stopped);

}  // namespace ss::config
