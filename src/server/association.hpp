#pragma once

#include <cstdint>
#include <functional>
#include <list>

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
  std::size_t operator()(const AssociationKey& key) const;
};

/// The way back to a client: where its last fresh packet came from, and to which of our addresses.
struct ReturnPath {
  Endpoint client;
  IpAddress local;
};

/// One client's traffic with all its targets.
///
/// Owner: its table, and the coroutines that read its sockets or look names up for it. Threads: the worker's.
struct Association : TargetSockets {
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
  using Queue = std::list<Association*>;
  Queue* queue_ = nullptr;  // the one that place_ lies in
  Queue::iterator place_;
  Queue::iterator place_of_user_;  // only while awake
  bool awake_ = false;
};

}  // namespace ss::server
