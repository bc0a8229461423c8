#include "servers/server_clock.hpp"

#include <algorithm>
#include <chrono>

namespace ss::local {

namespace {

std::int64_t milliseconds(Duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

UnixSeconds ServerClock::now(const Clock& clock) const {
  const std::int64_t offset = offset_.load(std::memory_order_relaxed);
  if (offset == kNothing) return clock.unix_now();
  return static_cast<UnixSeconds>(std::max<std::int64_t>(0, milliseconds(clock.since_boot()) + offset) / 1000);
}

void ServerClock::learn(UnixSeconds stamp, Duration asked, const Clock& clock) {
  const Duration now = clock.since_boot();
  const std::lock_guard lock(mutex_);
  refused_in_a_row_ = 0;
  if (now - asked > kPrompt) return;
  // It was right by this machine's clock: what was learnt before is older than some change.
  if (offset_.load(std::memory_order_relaxed) == kNothing) learnt_ = 0;
  // Stamps are whole seconds, cut off: half of one is what is missing on average.
  const std::int64_t stamped = static_cast<std::int64_t>(std::min<UnixSeconds>(stamp, INT64_MAX / 2000)) * 1000 + 500;
  samples_[learnt_ % kSamples] = stamped - milliseconds(asked + (now - asked) / 2);
  ++learnt_;
  auto sorted = samples_;
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(learnt_, kSamples));
  const auto middle = sorted.begin() + (end - sorted.begin()) / 2;
  std::nth_element(sorted.begin(), middle, end);
  median_ = *middle;
  offset_.store(median_, std::memory_order_relaxed);
}

void ServerClock::refused() {
  const std::lock_guard lock(mutex_);
  if (++refused_in_a_row_ % 2 != 0) return;
  const bool learnt = offset_.load(std::memory_order_relaxed) != kNothing;
  offset_.store(learnt ? kNothing : median_, std::memory_order_relaxed);
}

}  // namespace ss::local
