#pragma once

#include <memory>
#include <string>

#include "replay_store.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"
#include "ss/cipher/method.hpp"
#include "ss/protocol/replay/packet_stamps.hpp"
#include "ss/protocol/replay/salt_filter.hpp"
#include "ss/relay/shared_salt_filter.hpp"

namespace ss::server {

/// What ss-server remembers of streams and packets so that none is served twice, in memory or in a ReplayStore too.
///
/// Owner: the service; outlives every worker. Threads: any, once it is made.
class ReplayMemory {
 public:
  /// @param store  null: a restart forgets all.
  ReplayMemory(const cipher::Method& method, std::unique_ptr<ReplayStore> store, Entropy& entropy, const Clock& clock);

  /// Of streams, exact with 2022 methods; and of SIP004 packets.
  [[nodiscard]] protocol::SaltFilter& stream_salts() { return stream_salts_; }
  [[nodiscard]] protocol::SaltFilter& packet_salts() { return packet_salts_; }
  /// Of 2022 packets.
  [[nodiscard]] protocol::PacketStamps& packet_stamps() { return packet_stamps_; }

 private:
  /// Refuses stamps whose salts the store may not know, for as long as they could pass.
  void guard(protocol::StampFloor& floor) const;
  [[nodiscard]] std::unique_ptr<protocol::SaltFilter> stream_shard(std::size_t shard) const;
  [[nodiscard]] std::unique_ptr<protocol::SaltFilter> packet_shard(std::size_t shard) const;
  [[nodiscard]] std::unique_ptr<protocol::SaltFilter> recent_salts(const protocol::SaltRing* ring) const;

  const cipher::Method& method_;
  const Clock& clock_;
  std::unique_ptr<ReplayStore> store_;
  KeyBytes key_;  // places salts in the tables
  relay::SharedSaltFilter stream_salts_;
  relay::SharedSaltFilter packet_salts_;
  protocol::PacketStamps packet_stamps_;
};

}  // namespace ss::server
