#pragma once

#include <cstdint>

#include "association_queue.hpp"
#include "ss/base/address.hpp"
#include "ss/base/clock.hpp"
#include "ss/protocol/server_packets.hpp"
#include "target_sockets.hpp"

namespace ss::server {

/// What an association is found by. 2022: user and client session ID, for the client's address may change. SIP004: the
/// client's address.
struct AssociationKey {
  std::size_t user = 0;
  std::uint64_t session_id = 0;
  Endpoint client;

  friend bool operator==(const AssociationKey&, const AssociationKey&) = default;
};

struct AssociationKeyHash {
  std::size_t operator()(const AssociationKey& key) const noexcept;
};

/// The way back to a client: where its last fresh packet came from, and to which of our addresses.
struct ReturnPath {
  Endpoint client;
  IpAddress local;
};

/// One client's traffic with all its targets.
///
/// Owner: its table while it stands there, whoever waits on its sockets, and the coroutines that look names up for it.
/// Threads: the worker's.
struct Association : TargetSockets, Place<ByAge>, Place<ByAgeOfUser> {
  Association(const AssociationKey& from, protocol::ServerPackets& packets, const protocol::ClientPacket& first)
      : key(from), session(packets, first) {}

  const AssociationKey key;
  protocol::ServerPacketSession session;
  ReturnPath path;
  MonoTime last_packet{};  ///< either way
  bool only_dns = true;    ///< has sent to port 53 alone

  [[nodiscard]] bool awake() const { return awake_; }

 private:
  friend class AssociationTable;
  bool awake_ = false;
};

}  // namespace ss::server
