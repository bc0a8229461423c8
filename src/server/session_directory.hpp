#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "association.hpp"
#include "ss/base/bytes.hpp"

namespace ss::server {

/// A client's packet that authenticated on another worker than the one that its session lives on.
struct RoamedPacket {
  AssociationKey key;
  std::uint64_t packet_id = 0;
  TargetAddress target;
  ByteVector payload;
  ReturnPath path;
};

/// Which worker a 2022 UDP session lives on. The kernel spreads datagrams over the workers' sockets by their source
/// address, so a client that roams comes in elsewhere; only then, and when a session begins, is this asked.
///
/// Owner: the service, one for each listener. Threads: any.
class SessionDirectory {
 public:
  /// Takes packets over for one worker; called on other workers' threads.
  using Mailbox = std::function<void(const RoamedPacket&)>;

  explicit SessionDirectory(unsigned workers) : boxes_(workers) {}
  /// Threads: before any worker runs.
  void attach(unsigned worker, Mailbox mailbox) { boxes_[worker].mailbox = std::move(mailbox); }

  /// Notes that the session lives on `worker`, unless it lives somewhere already.
  /// @return  the worker that it lives on.
  unsigned claim(const AssociationKey& key, unsigned worker);
  void release(const AssociationKey& key);

  /// Hands `packet` to the worker that its session lives on. Dropped where that one has kMaxUnderWay to take already.
  void hand_over(unsigned worker, const RoamedPacket& packet);
  /// What was handed over has been taken.
  /// Threads: that worker's.
  void taken(unsigned worker) { boxes_[worker].under_way.fetch_sub(1, std::memory_order_relaxed); }

  static constexpr std::uint32_t kMaxUnderWay = 1'024;

 private:
  struct Box {
    Mailbox mailbox;
    std::atomic<std::uint32_t> under_way{0};
  };
  struct alignas(64) Shard {
    std::mutex lock;
    std::unordered_map<AssociationKey, unsigned, AssociationKeyHash> worker_of;
  };
  static constexpr std::size_t kShards = 16;
  Shard& shard_of(const AssociationKey& key) { return shards_[AssociationKeyHash{}(key) % kShards]; }

  std::vector<Box> boxes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace ss::server
