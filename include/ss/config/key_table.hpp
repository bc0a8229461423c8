#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ss::config {

/// The programs that a key speaks to; each ignores the keys of the other.
enum class Programs : std::uint8_t { local = 1, server = 2, both = 3 };

/// Whether a key of `programs` speaks to `one`.
inline bool speaks_to(Programs programs, Programs one) {
  return (static_cast<unsigned>(programs) & static_cast<unsigned>(one)) != 0;
}

/// What this release makes of a key.
enum class Support : std::uint8_t {
  works,
  no_effect,  ///< accepted with one warning: nothing that goes out or comes in depends on it
  not_yet,    ///< refused: without it traffic would go elsewhere, or be less safe, than the user asked for
  refused,    ///< refused for good: it is broken, or another program's task
  comment,    ///< not looked at
};

/// What a value must look like.
enum class Kind : std::uint8_t {
  any,
  text,
  secret,  ///< text, or a whole number taken as text; never shown
  boolean,
  number,    ///< whole, low..high; also as text
  duration,  ///< seconds, low..high, decimals allowed; also as text
  fraction,  ///< low..high, decimals allowed; also as text
  port,      ///< 1..65535; also as text
  ports,     ///< `FIRST-LAST` or one port; `off` or false for none
  choice,    ///< one of `words`
  texts,     ///< a text or an array of texts
  objects,   ///< an array of objects
  object,
};

struct Shape {
  Kind kind = Kind::any;
  double low = 0;
  double high = 0;
  std::string_view words{};  ///< separated by `|`; of a number: words that may stand in its place
};

/// One key of one kind of object.
struct Key {
  std::string_view name;
  Programs programs;
  Support support;
  Shape shape;
  /// Values that mean what this release does anyway, separated by `|`: always accepted in silence. `null`, an empty
  /// text and an empty array or object are among them for every key that does not work.
  std::string_view quiet{};
  /// For messages about a key that does not work: what to do instead.
  std::string_view note{};
  /// The key that this one is another name of.
  std::string_view alias_of{};
};

/// The keys that may stand in one kind of object. A name that ends in `*` stands for all that begin so.
enum class Scope : std::uint8_t { top, server_entry, local_entry, server_user, inbound_user };
std::span<const Key> keys_of(Scope scope);

/// The row for `name`, or null. Keys that begin with `_`, and `remarks`, have a row of class `comment`.
const Key* find_key(Scope scope, std::string_view name);

/// The known key that `name` is probably a misspelling of, or an empty text.
std::string_view nearest_key(Scope scope, std::string_view name);

/// Whether `word` is one of the `list`, which separates its words by `|`.
bool is_listed(std::string_view list, std::string_view word);

}  // namespace ss::config
