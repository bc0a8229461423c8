#pragma once

#include <atomic>
#include <cstdint>

#include "ss/net/task.hpp"

namespace ss::net {

/// Runs sessions that nobody awaits, and answers for them: an exception that escapes one is logged and counted, never
/// lost.
///
/// Owner: the worker; outlives its sessions. Sessions that have not ended when it goes are destroyed where they stand,
/// which is only right after the worker's loop has ended for good: nothing may complete their waits any more. Threads:
/// the worker's; `live` and `escaped` may be read by any.
class Spawner {
 public:
  Spawner() = default;
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;
  ~Spawner();

  /// Starts `session` at once, on the caller's stack, up to its first suspension.
  void spawn(Task<> session);

  /// Sessions that have not ended.
  [[nodiscard]] std::uint32_t live() const { return live_.load(std::memory_order_relaxed); }
  /// Exceptions that escaped a session. Above zero is a mistake of ours.
  [[nodiscard]] std::uint32_t escaped() const { return escaped_.load(std::memory_order_relaxed); }

 private:
  struct Root;
  struct RootLink {
    std::coroutine_handle<> frame;
    RootLink* prev = nullptr;
    RootLink* next = nullptr;
  };
  Root run(Task<> session);
  void note_escaped() noexcept;

  RootLink* roots_ = nullptr;
  std::atomic<std::uint32_t> live_{0};
  std::atomic<std::uint32_t> escaped_{0};
};

}  // namespace ss::net
