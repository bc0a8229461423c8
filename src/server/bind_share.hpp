#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

namespace ss::server {

/// How many ports each user's BINDs hold open, over all workers.
/// Owner: the service; outlives every session. Threads: any.
class BindCounts {
 public:
  /// Transfers of FTP wait one at a time and for moments: this is room for a client with several at once, while nobody
  /// alone keeps a range of usual size, or many descriptors, for the minute that a peer has.
  static constexpr std::uint32_t kMost = 16;

  explicit BindCounts(std::size_t users) : of_user_(users) {}

 private:
  friend class BindShare;
  std::vector<std::atomic<std::uint32_t>> of_user_;
};

/// One of the ports that a user may hold open.
/// Owner: whoever waits for a peer, for that long. Threads: the worker's.
class BindShare {
 public:
  /// @param counts  null: nobody counts, and there is room.
  BindShare(BindCounts* counts, std::size_t user);
  BindShare(BindShare&& other) noexcept
      : counter_(std::exchange(other.counter_, nullptr)), granted_(std::exchange(other.granted_, false)) {}
  BindShare& operator=(BindShare&&) = delete;
  ~BindShare();

  [[nodiscard]] bool granted() const { return granted_; }

 private:
  std::atomic<std::uint32_t>* counter_;  // what is given back; null: nothing
  bool granted_;
};

}  // namespace ss::server
