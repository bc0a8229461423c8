#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ss/config/json_text.hpp"
#include "ss/config/problem.hpp"

namespace ss::config {

struct JsonMember;

/// A value of a JSON text that remembers where it stood.
struct JsonValue {
  enum class Type : std::uint8_t { null, boolean, number, text, array, object };

  Type type = Type::null;
  Position position;
  bool boolean = false;
  double number = 0;                ///< exact for whole numbers up to 2^53
  std::string text;                 ///< unescaped
  std::vector<JsonValue> items;     ///< of an array
  std::vector<JsonMember> members;  ///< of an object, in the order of the text, repeated keys included

  static JsonValue of_text(std::string_view text, const Position& at);
  static JsonValue of_boolean(bool value, const Position& at);
  static JsonValue of_array(const Position& at);
  static JsonValue of_object(const Position& at);
};

struct JsonMember {
  std::string key;
  Position key_position;
  JsonValue value;
};

/// A parsed configuration file. Its texts are wiped when it goes, as passwords are among them.
///
/// Owner: the loader, while it reads. Threads: none.
class JsonDocument {
 public:
  static constexpr std::size_t kMaxText = std::size_t{1} << 20;
  static constexpr std::size_t kMaxDepth = 32;

  /// Parses JSON in UTF-8; a byte order mark, `//` and `/* */` comments and a trailing comma are taken too.
  /// Errors: bad syntax, a text over kMaxText, brackets deeper than kMaxDepth.
  static std::variant<JsonDocument, SyntaxError> parse(std::string_view text);

  explicit JsonDocument(JsonValue root) : root_(std::move(root)) {}
  JsonDocument(JsonDocument&&) = default;
  JsonDocument& operator=(JsonDocument&&) = delete;
  ~JsonDocument();

  [[nodiscard]] const JsonValue& root() const { return root_; }

 private:
  JsonValue root_;
};

}  // namespace ss::config
