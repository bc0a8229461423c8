#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "association.hpp"
#include "ss/base/bytes.hpp"

namespace ss::server {

/// A client's packet that authenticated on another worker than the one that its session lives on.
struct RoamedPacket {
  AssociationKey key;
  std::uint64_t packet_id = 0;
  UnixSeconds stamp = 0;
  TargetAddress target;
  ByteVector payload;
  ReturnPath path;
};

/// Which inbound a 2022 UDP session lives on: there is one for each listener and worker, and a session's window stands
/// in one place, or a packet could be served once at each. The kernel spreads datagrams over the workers' sockets by
/// their source address, and a client may turn from one listener to another, so what roams comes in elsewhere; only
/// then, and when a session begins, is this asked.
///
/// Owner: the service, one for all that share credentials. Threads: any.
class SessionDirectory {
 public:
  /// Takes packets over for one inbound; called on other workers' threads.
  using Mailbox = std::function<void(RoamedPacket&&)>;

  explicit SessionDirectory(const AssociationKeyHash& hash = {});
  /// @return  the number of an inbound, which stays its own.
  unsigned attach(Mailbox mailbox);

  /// Notes that the session lives on `inbound`, unless it lives somewhere already.
  /// @return  the inbound that it lives on.
  unsigned claim(const AssociationKey& key, unsigned inbound);
  void release(const AssociationKey& key);

  /// Takes one of the kMaxUnderWay places for packets that are under way to `inbound`.
  /// @return false: there is none; the packet is to be dropped.
  [[nodiscard]] bool reserve(unsigned inbound);
  /// Hands `packet` to the inbound that its session lives on.
  /// @pre  a place is reserved
  void hand_over(unsigned inbound, RoamedPacket&& packet);
  /// What was handed over has been taken.
  void taken(unsigned inbound);

  static constexpr std::uint32_t kMaxUnderWay = 1'024;

 private:
  struct Box {
    Mailbox mailbox;
    std::atomic<std::uint32_t> under_way{0};
  };
  struct alignas(64) Shard {
    std::mutex lock;
    std::unordered_map<AssociationKey, unsigned, AssociationKeyHash> inbound_of;
  };
  static constexpr std::size_t kShards = 16;
  // By the upper bits: the map takes the lower ones.
  Shard& shard_of(const AssociationKey& key) { return shards_[(hash_(key) >> 48) % kShards]; }
  Box& box(unsigned inbound);

  const AssociationKeyHash hash_;
  std::mutex boxes_lock_;
  std::deque<Box> boxes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace ss::server
