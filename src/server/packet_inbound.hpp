#pragma once

#include <functional>
#include <memory>
#include <unordered_set>

#include "association.hpp"
#include "association_table.hpp"
#include "session_directory.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/replay/salt_filter.hpp"
#include "ss/protocol/server_packets.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/send_batch.hpp"
#include "ss/relay/target_policy.hpp"
#include "target_sockets.hpp"

namespace ss::server {

/// What all inbounds share, every worker's of every listener. Immutable but for what locks.
/// Owner: the service; outlives every worker.
struct PacketRules {
  const protocol::ServerCredentials& credentials;
  protocol::SaltFilter& salts;     ///< of packets; SIP004
  protocol::PacketStamps& stamps;  ///< of packets; 2022
  const relay::TargetPolicy& policy;
  SessionDirectory& directory;
  AssociationCounts& counts;
  AssociationLimits limits;
  AssociationKeyHash hash;
  bool ipv6_first = false;
};

/// Runs a function soon, on the worker that an inbound lives on. Threads: any.
using PostToWorker = std::function<void(std::function<void()>)>;

/// The UDP side of one listener on one worker: opens clients' packets, passes their payload on to the targets that
/// policy allows, and seals what comes back. What does not authenticate is dropped without an answer, a socket or a
/// trace.
///
/// Owner: `serve_packets`. Threads: the worker's.
class PacketInbound final : private protocol::KnownSessions {
 public:
  /// @param number  its own in the directory.
  PacketInbound(relay::Environment& env, const PacketRules& rules, unsigned number,
                std::unique_ptr<net::Datagram> socket);

  /// Serves until the session list stops it; every association is gone when it ends.
  net::Task<> run();
  /// A packet of a session that lives here, opened by another inbound.
  void take_over(const RoamedPacket& packet);

 private:
  /// Read once a batch: three clocks a packet took 60 to 90 ns.
  struct Moment {
    UnixSeconds unix;
    MonoTime mono;
  };
  [[nodiscard]] Moment now() const { return {env_.clock.unix_now(), env_.clock.now()}; }

  protocol::ServerPacketSession* find(std::size_t user, std::uint64_t session_id) override;

  // From the client to targets.
  void serve_batch();
  void serve(const net::Received& datagram, const Moment& now, relay::SendBatch& batch);
  void note_refused(const net::Received& datagram, Errc error);
  std::shared_ptr<Association> association_of(const net::Received& datagram, const protocol::ClientPacket& packet);
  std::shared_ptr<Association> begin_session(const AssociationKey& key, const net::Received& datagram,
                                             const protocol::ClientPacket& packet);
  std::shared_ptr<Association> begin(const AssociationKey& key, const protocol::ClientPacket& packet);
  void hand_over(unsigned to, const AssociationKey& key, const net::Received& datagram,
                 const protocol::ClientPacket& packet);
  void pass_on(Association& association, const TargetAddress& target, ConstBytes payload, MonoTime now,
               relay::SendBatch& batch);

  // From targets to the client.
  struct Served;
  void await_answers(Served& association, net::Family family);
  /// What a wait for answers came to. Not awake or cancelled: the socket goes.
  void read_answers(Served& association, net::Family family, net::WaitOutcome outcome);
  void answer_batch(Association& association, net::Datagram& from);

  struct AllEnded;

  relay::Environment& env_;
  const PacketRules& rules_;
  const unsigned number_;
  const std::size_t overhead_;  // by which a sealed answer is longer than its payload, at most
  std::unique_ptr<net::Datagram> socket_;
  protocol::ServerPackets packets_;
  /// Those that stand in no table any more while something waits on their sockets.
  std::unordered_set<std::shared_ptr<TargetSockets>> leaving_;
  AssociationTable table_;
  TargetSender sender_;
  std::shared_ptr<Association> found_;  // by the last `find`
  std::uint32_t reading_ = 0;           // waits for answers
  std::coroutine_handle<> joiner_;
  bool stopping_ = false;
};

/// Serves one worker's share of a UDP listener until the program ends.
net::Task<> serve_packets(relay::Environment& env, const PacketRules& rules, PostToWorker post,
                          std::unique_ptr<net::Datagram> socket);

}  // namespace ss::server
