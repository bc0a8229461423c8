#include "clock_reports.hpp"

#include <cstdlib>
#include <string>

#include "ss/protocol/header2022.hpp"
#include "ss/telemetry/log.hpp"
#include "user_word.hpp"

namespace ss::server {

bool ClockReports::admit(std::size_t user, MonoTime now) {
  std::atomic<MonoTime::rep>& next = next_[user];
  MonoTime::rep due = next.load(std::memory_order_relaxed);
  const MonoTime::rep at = now.time_since_epoch().count();
  // 0: there was no line yet.
  if (due != 0 && at < due) return false;
  return next.compare_exchange_strong(due, at + kInterval.count(), std::memory_order_relaxed);
}

bool ClockReports::note(std::size_t user, std::int64_t offset, MonoTime now) {
  const bool ahead = offset > 0;
  const std::uint64_t seconds = ahead ? static_cast<std::uint64_t>(offset) : -static_cast<std::uint64_t>(offset);
  if (seconds < static_cast<std::uint64_t>(kWorthAWord) || !admit(user, now)) return false;
  const std::string whose = word_for(credentials_, user);
  const char* const way = ahead ? "ahead of" : "behind";
  if (seconds > protocol::kMaxClockDifference) {
    telemetry::log_warn(
        "the clock of {} is {} s {} ours: refused; set that clock, or this machine's (an old request "
        "that somebody repeats looks the same)",
        whose, seconds, way);
  } else {
    telemetry::log_info("the clock of {} is {} s {} ours; from {} s on it is refused", whose, seconds, way,
                        protocol::kMaxClockDifference + 1);
  }
  return true;
}

}  // namespace ss::server
