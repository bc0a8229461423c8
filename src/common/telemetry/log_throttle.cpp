#include "ss/telemetry/log_throttle.hpp"

#include <utility>

namespace ss::telemetry {

std::optional<std::uint64_t> LogThrottle::admit(MonoTime now) {
  if (last_ && now - *last_ < interval_) {
    ++left_out_;
    return std::nullopt;
  }
  last_ = now;
  return std::exchange(left_out_, 0);
}

}  // namespace ss::telemetry
