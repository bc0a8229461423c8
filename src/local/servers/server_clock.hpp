#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "ss/base/clock.hpp"

namespace ss::local {

/// What a server's wall clock shows, learnt from its authenticated answers (2022 methods), so that requests are stamped
/// with the time by which it judges them: a laptop whose clock drifts is not locked out.
///
/// Counted on from the clock that runs through the machine's sleep. Nothing learnt: this machine's wall clock.
/// Owner: the server's record. Threads: any.
class ServerClock {
 public:
  /// An answer that took longer is not learnt from: nobody knows when in between it was stamped.
  static constexpr Duration kPrompt = std::chrono::seconds(2);

  [[nodiscard]] UnixSeconds now(const Clock& clock) const;

  /// An authenticated answer to our own request carried `stamp`.
  /// @param asked  Clock::since_boot when the request was sent.
  void learn(UnixSeconds stamp, Duration asked, const Clock& clock);
  /// The server ended a stream without a byte. After two in a row what was learnt is forgotten: it may be what is
  /// wrong.
  void refused();

 private:
  static constexpr std::size_t kSamples = 5;
  static constexpr std::int64_t kNothing = INT64_MIN;

  std::atomic<std::int64_t> offset_{kNothing};  // ms from since_boot to the server's time; or nothing is to be added
  std::mutex mutex_;                            // of what follows
  std::array<std::int64_t, kSamples> samples_{};
  std::size_t learnt_ = 0;
  std::int64_t median_ = kNothing;
  unsigned refused_in_a_row_ = 0;
};

}  // namespace ss::local
