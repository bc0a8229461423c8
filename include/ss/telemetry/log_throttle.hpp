#pragma once

#include <cstdint>
#include <optional>

#include "ss/base/clock.hpp"

namespace ss::telemetry {

/// Lets one line through per interval and counts what it left out, so that a peer cannot fill a disk.
///
/// `if (const auto left_out = throttle.admit(now)) log_warn("… ({} more like this)", *left_out);`
/// Owner: whoever logs. Threads: one.
class LogThrottle {
 public:
  explicit LogThrottle(Duration interval) : interval_(interval) {}

  /// @return  nothing: leave this line out. Else: write it, and how many were left out since the one before.
  std::optional<std::uint64_t> admit(MonoTime now);

 private:
  Duration interval_;
  std::optional<MonoTime> last_;
  std::uint64_t left_out_ = 0;
};

}  // namespace ss::telemetry
