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
  /// The sections of which `lookup` shows the front alone: the file, and its enabled element of `servers` or null.
  /// @pre  is_readable()
  [[nodiscard]] const Section& top() const { return *top_; }
  [[nodiscard]] const Section* entry() const { return entry_; }
  [[nodiscard]] ProblemList& problems() { return problems_; }

 private:
  void read_servers(Programs program);

  ProblemList problems_;
  std::deque<JsonDocument> documents_;  // a deque: sections point into them
  std::deque<Section> sections_;
  const Section* top_ = nullptr;
  const Section* entry_ = nullptr;  // the one enabled element of `servers`
  std::optional<Lookup> lookup_;
};

}  // namespace ss::config
