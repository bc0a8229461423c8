#pragma once

#include <cstdint>

#include "ss/net/task.hpp"

namespace ss::net {

/// Runs sessions that nobody awaits, and answers for them: an exception that escapes one is logged and counted, never lost.
///
/// Owner: the worker; outlives its sessions. Threads: the worker's.
class Spawner {
 public:
  Spawner() = default;
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  /// Starts `session` at once, on the caller's stack, up to its first suspension.
  void spawn(Task<> session);

  /// Sessions that have not ended.
  [[nodiscard]] std::uint32_t live() const { return live_; }
  /// Exceptions that escaped a session. Above zero is a mistake of ours.
  [[nodiscard]] std::uint32_t escaped() const { return escaped_; }

 private:
  struct Root;
  Root run(Task<> session);
  std::uint32_t live_ = 0;
  std::uint32_t escaped_ = 0;
};

}  // namespace ss::net
