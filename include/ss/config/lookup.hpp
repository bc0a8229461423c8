#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ss/base/secret.hpp"
#include "ss/config/load.hpp"
#include "ss/config/section.hpp"

namespace ss::config {

/// The value of one key, and where it came from.
struct Found {
  const JsonValue* value = nullptr;  ///< null where the key is not written, or was refused
  std::size_t rank = 0;              ///< the smaller, the nearer to the command line
  std::string path;
  bool refused = false;  ///< written, but refused: the user knows already

  explicit operator bool() const { return value != nullptr; }
};

/// Finds keys in several sections, of which earlier ones stand in front of later ones.
///
/// Owner: the loader. Threads: none. Lifetime: points into the sections.
class Lookup {
 public:
  /// @param home  the section that lacks what is missing; null: the widest
  Lookup(std::vector<const Section*> sections, const Environment& environment, ProblemList& problems,
         const Section* home = nullptr)
      : sections_(std::move(sections)), home_(home), environment_(environment), problems_(problems) {}

  [[nodiscard]] Found find(std::string_view name) const;

  /// Each leaves `into` as it is where the key is not written.
  void take(std::string_view name, bool& into) const;
  void take(std::string_view name, std::string& into) const;
  void take(std::string_view name, std::chrono::milliseconds& into) const;
  /// The number, which the key's shape holds in range; nothing where a word stands in its place.
  std::optional<double> number(std::string_view name) const;

  /// The secret at `found`, with `${NAME}` replaced by that variable; nothing, and the problem reported, where it is
  /// not set.
  std::optional<Secret> secret(const Found& found) const;

  /// The entries of a text or array of texts, each with its own position.
  std::vector<const JsonValue*> texts(const Found& found) const;

  void error(const Found& found, const Complaint& complaint) const;
  void warn(const Found& found, const Complaint& complaint) const;
  /// Reports a key that must be written and is not, unless it was refused.
  void missing(std::string_view name, const Found& found, std::string_view instead) const;

  /// The place of what is not written, and the path that it would have.
  [[nodiscard]] Position top() const {
    if (home_) return home_->position();
    return sections_.empty() ? Position{} : sections_.back()->position();
  }
  [[nodiscard]] std::string path_of(std::string_view name) const {
    return home_ ? home_->path_of(name) : std::string(name);
  }
  [[nodiscard]] ProblemList& problems() const { return problems_; }
  [[nodiscard]] const Environment& environment() const { return environment_; }

 private:
  std::vector<const Section*> sections_;
  const Section* home_;
  const Environment& environment_;
  ProblemList& problems_;
};

/// The same for a value that stands in no section of a lookup, as users' passwords do.
std::optional<Secret> read_secret(const JsonValue& value, const std::string& path, const Environment& environment,
                                  ProblemList& problems);

}  // namespace ss::config
