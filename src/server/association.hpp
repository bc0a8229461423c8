#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "ss/base/address.hpp"
#include "ss/base/clock.hpp"
#include "ss/net/datagram.hpp"
#include "ss/protocol/server_packets.hpp"

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

/// One client's traffic with all its targets: one socket a family, that anybody may answer to (full cone, RFC 4787
/// REQ-1 and REQ-8).
///
/// Owner: its table, and the coroutines that read its sockets. Threads: the worker's.
struct Association : std::enable_shared_from_this<Association> {
  Association(const AssociationKey& from, protocol::ServerPackets& packets, const protocol::ClientPacket& first)
      : key(from), session(packets, first) {}

  const AssociationKey key;
  protocol::ServerPacketSession session;
  ReturnPath path;
  /// By net::Family, each opened when a target of that family is first sent to.
  std::array<std::unique_ptr<net::Datagram>, 2> sockets;
  /// The name that was sent to last, and its address for a short while: a client that names its target in every
  /// datagram costs one look-up in a few seconds.
  struct Name {
    std::string name;
    IpAddress address;
    MonoTime until;
  };
  std::unique_ptr<Name> name;
  MonoTime last_packet{};           ///< either way
  std::uint16_t names_pending = 0;  ///< datagrams that wait for their target's address
  bool only_dns = true;             ///< has sent to port 53 alone
  bool mapped = false;              ///< names IPv4 targets in IPv4-mapped form, so answers do too

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
