#include "ss/base/clock.hpp"

#include <algorithm>
#include <ctime>

namespace ss {

namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] MonoTime now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] UnixSeconds unix_now() const override { return unix_milliseconds() / 1000; }
  [[nodiscard]] std::uint64_t unix_milliseconds() const override {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t count = std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
    // A clock set before 1970 must not wrap into the far future.
    return static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0));
  }
  [[nodiscard]] Duration since_boot() const override {
#if defined(CLOCK_BOOTTIME) && !defined(SS_PORTABLE)
    std::timespec time{};
    if (::clock_gettime(CLOCK_BOOTTIME, &time) == 0) {
      return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    }
#endif
    return now().time_since_epoch();
  }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace ss
