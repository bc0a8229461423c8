#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "ss/base/clock.hpp"

namespace ss::local {

/// How many connections were lately asked for at about the same time: as many may be asked for again.
///
/// Owner: the pool. Threads: none. Cost: 40 bytes of counts, one for each quarter of a second.
class WarmDemand {
 public:
  static constexpr Duration kWindow = std::chrono::seconds(10);
  static constexpr Duration kSlice = std::chrono::milliseconds(250);

  void note(MonoTime now) {
    move_on(now);
    std::uint8_t& count = counts_[static_cast<std::size_t>(slice_) % kSlices];
    if (count < UINT8_MAX) ++count;
  }
  /// The most of one slice of the window; 0 where nothing was asked for during all of it.
  [[nodiscard]] std::size_t peak(MonoTime now) {
    move_on(now);
    return *std::max_element(counts_.begin(), counts_.end());
  }

 private:
  static constexpr std::size_t kSlices = kWindow / kSlice;

  void move_on(MonoTime now) {
    const std::int64_t slice = now.time_since_epoch() / kSlice;
    const std::int64_t passed = std::min<std::int64_t>(slice - slice_, kSlices);
    for (std::int64_t i = 0; i < passed; ++i) counts_[static_cast<std::size_t>(slice - i) % kSlices] = 0;
    slice_ = std::max(slice_, slice);
  }

  std::array<std::uint8_t, kSlices> counts_{};
  std::int64_t slice_ = 0;
};

}  // namespace ss::local
