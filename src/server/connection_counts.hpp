#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "source.hpp"
#include "ss/base/clock.hpp"

namespace ss::server {

/// How many connections there may be at once, over all workers and listeners.
struct ConnectionLimits {
  std::uint32_t total = UINT32_MAX;
  std::uint32_t unauthenticated = UINT32_MAX;  ///< of those, such as have not shown that they know a key
  std::uint32_t of_source = UINT32_MAX;        ///< from one source; loopback has no such limit
};

/// How many connections there are: in all, unauthenticated, and from each source; and which sources have authenticated
/// lately. Nothing is kept of a source that has no connection, unless it has authenticated; that is bounded.
///
/// Owner: the service; outlives every session. Threads: any.
class ConnectionCounts {
 public:
  /// What one source has. Stays where it is while a connection from there is counted.
  struct OfSource {
    std::atomic<std::uint32_t> connections{0};
    std::atomic<std::uint32_t> unauthenticated{0};
  };
  enum class Refusal : std::uint8_t { none, total, of_source };
  struct Entry {
    OfSource* counted = nullptr;  ///< null where refused
    Refusal refusal = Refusal::none;
    bool known = false;  ///< the source has authenticated within the last hour or two, as far as that is remembered
  };

  ConnectionCounts(const ConnectionLimits& limits, const SourceHash& hash);

  [[nodiscard]] const ConnectionLimits& limits() const { return limits_; }
  [[nodiscard]] std::uint32_t unauthenticated() const { return unauthenticated_.load(std::memory_order_relaxed); }

  /// Counts one connection more, an unauthenticated one, unless there are as many as may be.
  Entry enter(const Source& source, MonoTime now);
  /// One of the unauthenticated connections has authenticated, has to go or has gone.
  void one_unauthenticated_less(OfSource& counted);
  /// `source` has authenticated.
  void remember(const Source& source, MonoTime now);
  /// One of the connections from `source` has gone.
  /// @pre  it is not counted as unauthenticated any more
  void leave(const Source& source, OfSource& counted);

  /// At least so many sources are remembered that have authenticated, and at most about twice as many.
  static constexpr std::size_t kRemembered = 65'536;

 private:
  using SourceSet = std::unordered_set<Source, SourceHash>;
  struct alignas(64) Shard {
    std::mutex lock;
    std::unordered_map<Source, OfSource, SourceHash> sources;
    SourceSet known;         // since `known_since`
    SourceSet known_before;  // in the hour before that
    MonoTime known_since{};
  };
  static constexpr std::size_t kShards = 16;

  // By the upper bits: the maps take the lower ones.
  Shard& shard_of(const Source& source) { return shards_[(hash_(source) >> 48) % kShards]; }
  static void forget_old(Shard& shard, MonoTime now);

  const ConnectionLimits limits_;
  const SourceHash hash_;
  std::atomic<std::uint32_t> total_{0};
  std::atomic<std::uint32_t> unauthenticated_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace ss::server
