#pragma once

#include <array>
#include <cstdint>

#include "association_queue.hpp"
#include "ss/base/address.hpp"
#include "ss/base/clock.hpp"
#include "ss/cipher/siphash.hpp"
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

/// SipHash under a key of the process's own: clients choose session IDs, and with SIP004 anybody chooses an address.
struct AssociationKeyHash {
  std::array<std::uint8_t, cipher::kSipHashKey> key{};

  std::size_t operator()(const AssociationKey& of) const noexcept;
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
  MonoTime last_packet{};  ///< of the client
  MonoTime dns_until{};    ///< what comes from port 53 until then answers a question of the client
  bool only_dns = true;    ///< has sent to port 53 alone

  [[nodiscard]] bool awake() const { return awake_; }

 private:
  friend class AssociationTable;
  bool awake_ = false;
};

}  // namespace ss::server
