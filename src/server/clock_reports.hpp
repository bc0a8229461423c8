#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "ss/base/clock.hpp"
#include "ss/protocol/credentials.hpp"

namespace ss::server {

/// Says in the log which user's clock is how far off, as the timestamps of authenticated requests show it: at most once
/// a minute for each.
///
/// Owner: the service. Threads: any.
class ClockReports {
 public:
  /// From here on requests are served still, and worth a word.
  static constexpr std::int64_t kWorthAWord = 6;
  static constexpr Duration kInterval = std::chrono::minutes(1);

  explicit ClockReports(const protocol::ServerCredentials& credentials)
      : credentials_(credentials), next_(credentials.users().size()) {}

  /// A request of `user` came whose clock is `offset` seconds ahead of ours (negative: behind).
  /// @return  whether a line was written.
  bool note(std::size_t user, std::int64_t offset, MonoTime now);

 private:
  bool admit(std::size_t user, MonoTime now);

  const protocol::ServerCredentials& credentials_;
  std::vector<std::atomic<MonoTime::rep>> next_;  // by user: when the next line may be written
};

}  // namespace ss::server
