#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "ss/config/lookup.hpp"

namespace ss::config {

/// What the command line says as sections of JSON, so that one set of rules judges both.
/// @return an object whose values have flags as their positions.
JsonDocument flags_as_document(const Overrides& overrides, Programs program);

/// The same for a link; nothing where it is broken, which is reported.
std::optional<JsonDocument> link_as_document(const Overrides& overrides, ProblemList& problems);

/// What is written of one server.
struct ServerSource {
  const Section* entry;  ///< its element of `servers`; null where it stands outside of them
  Lookup lookup;         ///< command line, link, element and file behind one another
};

/// Parses the file, checks every key in it, and lays command line, link, server entry and file behind one another.
///
/// Owner: the loader; everything that is read out of it points in here. Not movable.
class Gathered {
 public:
  /// @param sources  must outlive this
  Gathered(const Sources& sources, Programs program);
  Gathered(const Gathered&) = delete;
  Gathered& operator=(const Gathered&) = delete;

  /// Whether file and link could be read; if not, `problems` says why.
  [[nodiscard]] bool is_readable() const { return lookup_.has_value(); }
  /// @pre  is_readable()
  [[nodiscard]] const Lookup& lookup() const { return *lookup_; }
  /// The file, of which `lookup` shows what nothing stands in front of.
  /// @pre  is_readable()
  [[nodiscard]] const Section& top() const { return *top_; }
  /// The command line alone.
  /// @pre  is_readable()
  [[nodiscard]] const Section& flags() const { return *flags_; }
  /// The servers to use, in order; of ss-server one at most. At least one.
  /// @pre  is_readable()
  [[nodiscard]] const std::vector<ServerSource>& servers() const { return servers_; }
  [[nodiscard]] ProblemList& problems() { return problems_; }

 private:
  /// The enabled elements of `servers`; null stands for what is written outside of them.
  std::vector<const Section*> find_servers(Programs program);

  ProblemList problems_;
  std::deque<JsonDocument> documents_;  // a deque: sections point into them
  std::deque<Section> sections_;
  const Section* flags_ = nullptr;
  const Section* link_ = nullptr;
  const Section* top_ = nullptr;
  const Section* fallback_ = nullptr;
  std::vector<ServerSource> servers_;
  std::optional<Lookup> lookup_;
};

}  // namespace ss::config
