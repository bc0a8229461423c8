#pragma once

#include <array>
#include <memory>
#include <mutex>

#include "ss/protocol/replay/salt_filter.hpp"

namespace ss::relay {

/// The salts of one listener, seen by all its workers: shards, each a filter behind its lock, chosen by the salt's own
/// bytes.
///
/// A recorded handshake may reach any worker, so the look-up must span them; 16 shards keep it from being a queue.
/// Threads: any.
class SharedSaltFilter final : public protocol::SaltFilter {
 public:
  static constexpr std::size_t kShards = 16;

  /// @param make  makes the filter of one shard, whose number it is given; called once for each.
  template <class Make>
  explicit SharedSaltFilter(Make make) {
    for (std::size_t i = 0; i < kShards; ++i) shards_[i].filter = make(i);
  }

  [[nodiscard]] protocol::SaltVerdict insert(ConstBytes salt, UnixSeconds stamp, MonoTime now) override;
  void expect(ConstBytes salt) const override;

 private:
  struct alignas(64) Shard {
    mutable std::mutex lock;
    std::unique_ptr<protocol::SaltFilter> filter;
  };

  [[nodiscard]] const Shard& shard_of(ConstBytes salt) const;

  std::array<Shard, kShards> shards_;
};

}  // namespace ss::relay
