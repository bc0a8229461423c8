#include "ss/telemetry/log_throttle.hpp"

namespace ss::telemetry {

std::optional<std::uint64_t> LogThrottle::admit(MonoTime now) {
  const Duration::rep at = now.time_since_epoch().count();
  Duration::rep last = last_.load(std::memory_order_relaxed);
  const bool due = last == kNever || at - last >= interval_.count();
  // Of several threads that come when one line is due one writes it.
  if (!due || !last_.compare_exchange_strong(last, at, std::memory_order_relaxed)) {
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return left_out_.exchange(0, std::memory_order_relaxed);
}

}  // namespace ss::telemetry
