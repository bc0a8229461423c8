#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>

#include "ss/base/clock.hpp"

namespace ss::telemetry {

/// Lets one line through per interval and counts what it left out, so that a peer cannot fill a disk.
///
/// `if (const auto left_out = throttle.admit(now)) log_warn("… ({} more like this)", *left_out);`
/// Owner: whoever logs; one for the whole process, or its workers would say everything once each. Threads: any.
class LogThrottle {
 public:
  explicit LogThrottle(Duration interval) : interval_(interval) {}

  /// @return  nothing: leave this line out. Else: write it, and how many were left out since the one before.
  std::optional<std::uint64_t> admit(MonoTime now);

 private:
  static constexpr Duration::rep kNever = std::numeric_limits<Duration::rep>::min();

  const Duration interval_;
  std::atomic<Duration::rep> last_{kNever};
  std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace ss::telemetry
