#pragma once

#include <cstddef>

#include "association_table.hpp"

namespace ss::server {

/// A place among the associations of a service for one that stands in no table: a stream of UDP over TCP. It is counted
/// with those of the tables, which make room for themselves alone, so where a limit is met there is none.
///
/// Owner: the session. Threads: the worker's; `counts` is everybody's, and outlives it.
class AssociationShare {
 public:
  /// @param counts  null: nobody counts, and there is room.
  AssociationShare(AssociationCounts* counts, const AssociationLimits& limits, std::size_t user);
  AssociationShare(const AssociationShare&) = delete;
  AssociationShare& operator=(const AssociationShare&) = delete;
  ~AssociationShare();

  [[nodiscard]] bool granted() const { return granted_; }

 private:
  AssociationCounts* const counts_;
  const std::size_t user_;
  const bool granted_;
};

}  // namespace ss::server
