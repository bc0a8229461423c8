#pragma once

#include <chrono>
#include <cstdint>

namespace ss {

using Duration = std::chrono::nanoseconds;
/// A point on a clock that never steps: for deadlines, stamps and stores.
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// Seconds since 1970 by the wall clock: only for what stands in 2022 headers.
using UnixSeconds = std::uint64_t;

/// Where time comes from. Everything below the programs is handed one.
/// Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual MonoTime now() const = 0;
  [[nodiscard]] virtual UnixSeconds unix_now() const = 0;
  /// The same in milliseconds, where the clock is as fine as that.
  [[nodiscard]] virtual std::uint64_t unix_milliseconds() const { return unix_now() * 1000; }
  /// Time since the machine started, its sleep included: what a learnt wall clock is counted on from.
  [[nodiscard]] virtual Duration since_boot() const = 0;
};

/// The machine's clocks.
const Clock& system_clock();

/// A clock that stands where it was put, for tests and the simulator.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixSeconds unix_start = 1'700'000'000) : unix_start_(unix_start) {}
  [[nodiscard]] MonoTime now() const override { return MonoTime(elapsed_); }
  [[nodiscard]] UnixSeconds unix_now() const override {
    return unix_start_ + static_cast<UnixSeconds>(std::chrono::duration_cast<std::chrono::seconds>(elapsed_).count());
  }
  [[nodiscard]] Duration since_boot() const override { return elapsed_; }
  void advance(Duration by) { elapsed_ += by; }

 private:
  UnixSeconds unix_start_;
  Duration elapsed_{0};
};

}  // namespace ss
