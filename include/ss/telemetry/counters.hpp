#pragma once

#include <atomic>
#include <cstdint>
#include <span>

namespace ss::telemetry {

/// A figure that one worker writes and anybody reads: no lock, no shared cache line between workers.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void sub(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one worker counts. Owner: the worker. Threads: written by its own, read by any.
struct alignas(64) Counters {
  Counter accepted;          ///< connections taken in
  Counter open;              ///< of those, not ended yet
  Counter established;       ///< sessions that came to relaying
  Counter rejected;          ///< streams that did not authenticate
  Counter short_first_read;  ///< of those, refused by the one-read rule of SIP022 (a real client behind a splitting
                             ///< path shows here)
  Counter replays;           ///< of those, a salt seen before
  Counter denied;            ///< targets refused by policy
  Counter dial_failures;     ///< targets or servers that could not be reached
  Counter bytes_up;          ///< payload towards targets
  Counter bytes_down;        ///< payload towards clients
  Counter buffered;          ///< bytes held for slow receivers, now
  Counter accept_errors;     ///< accepts that failed for want of descriptors or memory
};

/// The same figures of all workers together, as they were when they were added up.
struct Totals {
  std::uint64_t accepted = 0;
  std::uint64_t open = 0;
  std::uint64_t established = 0;
  std::uint64_t rejected = 0;
  std::uint64_t short_first_read = 0;
  std::uint64_t replays = 0;
  std::uint64_t denied = 0;
  std::uint64_t dial_failures = 0;
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  std::uint64_t buffered = 0;
  std::uint64_t accept_errors = 0;
};

/// Adds up what the workers counted. Each figure is read once; they are not of one instant.
/// @pre  no pointer is null.
Totals total_of(std::span<const Counters* const> workers);

}  // namespace ss::telemetry
