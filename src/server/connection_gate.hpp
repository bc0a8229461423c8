#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "connection_counts.hpp"
#include "ss/relay/environment.hpp"

namespace ss::server {

class ConnectionShare;

/// Keeps the connections of one worker within the limits, and those that work from being pushed out by those that only
/// hold a place.
///
/// - In all, and of one source: what comes above the limit is turned away.
/// - Unauthenticated: from half of the limit on strangers are turned away at random, the likelier the nearer it is, up
///   to every second one. At the limit one has to go: of some that are drawn, and of the newcomer, a stranger rather
///   than one whose source has authenticated lately, and among those one of the source that holds most. So a crowd from
///   few addresses costs itself its places, and a crowd from many is thinned out at random, while an honest client is
///   through within its round trip. Where other workers hold all places, this one has room for one beyond the limit.
///
/// Who is turned away leaves by relay::reject as everybody who does not authenticate, without its wait.
///
/// Owner: the service, one for each worker; outlives every session. Threads: the worker's.
class ConnectionGate {
 public:
  ConnectionGate(ConnectionCounts& counts, relay::Environment& env) : counts_(counts), env_(env) {}
  ConnectionGate(const ConnectionGate&) = delete;
  ConnectionGate& operator=(const ConnectionGate&) = delete;

 private:
  friend class ConnectionShare;
  /// So many are drawn from where one has to go: enough to meet a source that holds a good part of all.
  static constexpr int kDrawn = 8;

  /// @pre  `newcomer` is counted, and not among `unauthenticated_`.
  bool has_room_for(const ConnectionShare& newcomer);
  bool make_room(const ConnectionShare& newcomer);
  bool drop_early(std::uint32_t unauthenticated);
  void turn_away(ConnectionShare& share, const char* limit);

  ConnectionCounts& counts_;
  relay::Environment& env_;
  std::vector<ConnectionShare*> unauthenticated_;  // of this worker
};

/// A place among the connections, from accept to the end.
///
/// Owner: the session, in whose frame it lies behind its LiveSession. Threads: the worker's.
class ConnectionShare {
 public:
  /// Where there is no room, `session` is stopped, now or later.
  /// @param gate  null: nobody counts, and there is room.
  ConnectionShare(ConnectionGate* gate, relay::LiveSession& session, const IpAddress& from);
  ConnectionShare(const ConnectionShare&) = delete;
  ConnectionShare& operator=(const ConnectionShare&) = delete;
  ~ConnectionShare();

  /// Whether the session was stopped for want of room.
  [[nodiscard]] bool turned_away() const { return turned_away_; }
  /// The client has shown that it knows a key: it is not turned away any more.
  void authenticate();

 private:
  friend class ConnectionGate;
  static constexpr std::size_t kNowhere = SIZE_MAX;
  /// It does not count among the unauthenticated any more.
  void give_place_up();

  ConnectionGate* const gate_;
  relay::LiveSession& session_;
  const Source source_;
  ConnectionCounts::OfSource* counted_ = nullptr;
  std::size_t place_ = kNowhere;  // in the gate's list
  bool known_ = false;
  bool unauthenticated_ = false;  // counted as such
  bool turned_away_ = false;
};

}  // namespace ss::server
