#include "ss/config/json_text.hpp"

#include <optional>

namespace ss::config {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '+' ||
         c == '-' || c == '.' || c == '$';
}

bool is_value_end(char c) {
  return c == '"' || c == '}' || c == ']' || is_word(c);
}

}  // namespace

void JsonCursor::step() {
  const char c = text_[offset_++];
  if (c == '\n') {
    ++line_;
    column_ = 1;
  } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
    // The later bytes of a UTF-8 character do not count.
    ++column_;
  }
}

void JsonCursor::advance_to(std::size_t offset) {
  while (offset_ < offset && !at_end()) step();
}

bool JsonCursor::skip_comment() {
  const std::string_view here = text_.substr(offset_);
  std::size_t end;
  if (here.starts_with("//")) {
    end = here.find('\n');
  } else if (here.starts_with("/*")) {
    end = here.find("*/", 2);
    if (end != std::string_view::npos) end += 2;
  } else {
    return false;
  }
  advance_to(end == std::string_view::npos ? text_.size() : offset_ + end);
  return true;
}

bool JsonCursor::skip_between() {
  bool separated = false;
  while (!at_end()) {
    const char c = text_[offset_];
    if (is_blank(c) || c == ',' || c == ':') {
      separated = separated || !is_blank(c);
      step();
    } else if (!skip_comment()) {
      break;
    }
  }
  return separated;
}

void JsonCursor::skip_token() {
  if (at_end()) return;
  if (text_[offset_] == '"') {
    step();
    while (!at_end() && text_[offset_] != '"') {
      if (text_[offset_] == '\\') step();
      if (!at_end()) step();
    }
    if (!at_end()) step();
    return;
  }
  if (!is_word(text_[offset_])) {
    step();
    return;
  }
  while (!at_end() && is_word(text_[offset_])) step();
}

std::string without_trailing_commas(std::string_view text) {
  std::string out(text);
  std::optional<std::size_t> comma;  // the last token was a comma, and a value stood before it
  bool after_value = false;
  JsonCursor cursor(text);
  while (!cursor.at_end()) {
    const std::size_t at = cursor.offset();
    const char c = text[at];
    if (c == ',') {
      comma = after_value ? std::optional(at) : std::nullopt;
      after_value = false;
      cursor.advance_to(at + 1);
      continue;
    }
    if (is_blank(c) || c == ':') {
      if (c == ':') after_value = false;
      cursor.advance_to(at + 1);
      continue;
    }
    if (cursor.skip_comment()) continue;
    if ((c == '}' || c == ']') && comma) out[*comma] = ' ';
    comma.reset();
    after_value = is_value_end(c);
    cursor.skip_token();
  }
  return out;
}

namespace {

Complaint explain_inside_text(unsigned char offender) {
  if (offender < 0x20) {
    return {"a text in quotes is not closed before its line ends", "write the missing \" (a line break inside is \\n)"};
  }
  if (offender >= 0x80) return {"a text holds bytes that are not UTF-8", "save the file as UTF-8"};
  return {"a text holds a \\ that begins no known escape", "write \\\\ for a backslash"};
}

Complaint explain_token(std::string_view token, bool after_value) {
  if (token.starts_with('\'')) return {"a single quote stands here", "write texts in double quotes"};
  if (after_value && token.front() != '}' && token.front() != ']') {
    return {"a comma or a colon is missing before this", "write , between two entries and : behind a key"};
  }
  if (token.front() == '}' || token.front() == ']') {
    return {"a closing bracket does not fit here", "check that each { ends with } and each [ with ]"};
  }
  if (is_word(token.front())) {
    return {"a bare word or a malformed number stands here",
            "write texts and keys in double quotes, else true, false, null or a number such as 8388"};
  }
  return {"this is not JSON", "see the example files for the form"};
}

}  // namespace

SyntaxError explain_syntax_error(std::string_view text, std::size_t stopped) {
  JsonCursor cursor(text);
  unsigned depth = 0;
  bool after_value = false;
  while (true) {
    const std::size_t between = cursor.offset();
    if (cursor.skip_between()) after_value = false;
    if (stopped <= cursor.offset() && cursor.offset() > between) {
      // The offender lies among the blanks, commas and colons.
      JsonCursor at(text);
      at.advance_to(stopped == 0 ? 0 : stopped - 1);
      const char c = at.at_end() ? ' ' : text[at.offset()];
      if (c == ',' || c == ':')
        return {at.position(),
                {std::string("a ") + (c == ',' ? "comma" : "colon") + " does not fit here", "remove it"}};
      return {at.position(), {"this is not JSON", "see the example files for the form"}};
    }
    if (cursor.at_end()) {
      return {cursor.position(), {"the text ends too early", "check that each bracket, quote and comment is closed"}};
    }
    const Position position = cursor.position();
    const std::size_t start = cursor.offset();
    cursor.skip_token();
    const std::string_view token = text.substr(start, cursor.offset() - start);
    if (stopped <= cursor.offset()) {
      if (depth == 0 && after_value) return {position, {"something follows the end of the configuration", "remove it"}};
      // Where a text may stand, only its inside can be wrong.
      if (token.front() == '"' && (stopped < cursor.offset() || !after_value)) {
        return {position, explain_inside_text(static_cast<unsigned char>(text[stopped - 1]))};
      }
      return {position, explain_token(token, after_value)};
    }
    if (token.front() == '{' || token.front() == '[') ++depth;
    if ((token.front() == '}' || token.front() == ']') && depth > 0) --depth;
    after_value = is_value_end(token.front());
  }
}

}  // namespace ss::config
