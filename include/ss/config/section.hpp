#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ss/config/json_document.hpp"
#include "ss/config/key_table.hpp"
#include "ss/config/problem.hpp"
#include "ss/config/settings.hpp"

namespace ss::config {

/// What a value is, and should be instead; nothing where it has the shape. The value itself is not shown unless it is a
/// number.
std::optional<Complaint> misfit(const JsonValue& value, const Shape& shape);

/// The number that a JSON number, or a text that spells one, stands for.
std::optional<double> number_of(const JsonValue& value);

/// The ports that a number or text names; nothing where it names none, as `off` does.
std::optional<PortRange> port_range_of(const JsonValue& value);

/// One object of a configuration after its keys were checked against their table: what is left are well-formed values
/// of keys that work.
///
/// Lifetime: points into the document. Threads: none.
class Section {
 public:
  /// Checks every key of `object` and reports what is wrong. Keys of the other program, comments and `null` are passed
  /// over.
  /// @param path  the object's own path with a final dot, e.g. `servers[0].`; empty for the top
  /// @pre  object.type is object
  static Section check(const JsonValue& object, Scope scope, Programs program, std::string path, ProblemList& problems);

  /// The value of a key by its proper name, or null. A refused value is not among them.
  [[nodiscard]] const JsonValue* find(std::string_view name) const;
  /// Whether the key is written, but with a value that was refused: nothing more need be said about it.
  [[nodiscard]] bool is_refused(std::string_view name) const;
  /// The full path of a key as the user wrote it.
  [[nodiscard]] std::string path_of(std::string_view name) const;
  [[nodiscard]] const Position& position() const { return position_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Entry {
    const Key* key;
    const JsonMember* member;
    bool refused;
  };

  static std::string_view proper_name(const Key& key) { return key.alias_of.empty() ? key.name : key.alias_of; }
  [[nodiscard]] const Entry* find_entry(std::string_view proper) const;

  std::vector<Entry> entries_;
  Position position_;
  std::string path_;
};

/// Reports each key that is written twice in one object, in `value` and below; keys that begin with `_` may repeat.
void report_repeated_keys(const JsonValue& value, const std::string& path, ProblemList& problems);

}  // namespace ss::config
