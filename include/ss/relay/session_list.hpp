#pragma once

#include <cstdint>

#include "ss/base/clock.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/timers.hpp"

namespace ss::net {
class Datagram;
class DialControl;
}  // namespace ss::net

namespace ss::relay {

class SessionList;

/// One TCP session, or a UDP listener, as its worker's list sees it: when it last moved a byte, and how to end it from
/// outside.
///
/// Owner: the session's coroutine, in whose frame it lies. Threads: the worker's.
class LiveSession {
 public:
  explicit LiveSession(SessionList& list);
  LiveSession(const LiveSession&) = delete;
  LiveSession& operator=(const LiveSession&) = delete;
  ~LiveSession();

  /// What `stop` has to wake up. Set while the session may wait on them.
  net::Stream* client = nullptr;
  net::Stream* upstream = nullptr;
  net::DialControl* dial = nullptr;
  net::Datagram* datagram = nullptr;

  /// A byte moved: the idle time starts anew.
  void touch();
  /// The client has proved itself or asked for something: its session is worth waiting for when the program drains.
  void admitted() { state_ = State::admitted; }
  /// The session relays now: `idle_timeout` applies. Before, its deadlines do.
  void relaying();
  /// One direction has ended: from now on `timeout` applies, and silence from before does not count.
  void half_closed();

  /// Wakes every wait of the session, soon; the session sees `stopping()` and ends.
  void stop();
  [[nodiscard]] bool stopping() const { return stopping_; }

 private:
  friend class SessionList;
  enum class State : std::uint8_t { starting, admitted, relaying, half_closed };

  SessionList& list_;
  LiveSession* prev_ = nullptr;
  LiveSession* next_ = nullptr;
  std::uint32_t last_sweep_ = 0;
  State state_ = State::starting;
  bool stopping_;
};

/// The sessions of one worker, swept for idle ones: a byte that moves costs a store, never a timer.
///
/// Owner: the worker; outlives its sessions. Threads: the worker's.
class SessionList {
 public:
  struct Limits {
    Duration idle{};         ///< established and silent both ways; 0 = never
    Duration half_closed{};  ///< one direction ended, and not a byte since; 0 = never
  };

  SessionList(net::Timers& timers, const Limits& limits);
  SessionList(const SessionList&) = delete;
  SessionList& operator=(const SessionList&) = delete;
  ~SessionList();

  [[nodiscard]] std::uint32_t size() const { return size_; }
  void stop_all();
  /// Ends the sessions that have come to nothing yet, and those that begin from now on: idle probes must not hold a
  /// drain up.
  void stop_starting();

 private:
  friend class LiveSession;
  /// Ends sessions that were silent for too long; never early, at most two sweep lengths late.
  class Sweep final : public net::Timer {
   public:
    explicit Sweep(SessionList& list) : list_(list) {}

   private:
    void expired() noexcept override { list_.sweep(); }
    SessionList& list_;
  };
  void sweep() noexcept;
  [[nodiscard]] bool silent_too_long(const LiveSession& session) const;

  net::Timers& timers_;
  Limits limits_;
  Duration sweep_every_{};
  std::uint32_t sweeps_ = 0;
  std::uint32_t size_ = 0;
  bool draining_ = false;
  LiveSession* first_ = nullptr;
  Sweep sweep_;
};

inline void LiveSession::touch() {
  last_sweep_ = list_.sweeps_;
}
inline void LiveSession::relaying() {
  state_ = State::relaying;
  touch();
}
inline void LiveSession::half_closed() {
  state_ = State::half_closed;
  touch();
}

}  // namespace ss::relay
