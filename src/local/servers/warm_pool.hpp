#pragma once

#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "servers/warm_demand.hpp"
#include "ss/base/address.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/sleep.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// What every pool of warm connections to one server is told.
struct WarmRules {
  std::string name;  ///< what the log calls the server
  TargetAddress server;
  net::DialOptions dial;
  bool ipv6_first = false;
  /// Connections to keep; absent: as many as were lately asked for at once, at most `WarmPool::kMost`. 0: none.
  std::optional<unsigned> size;
  /// Where connecting takes less there is nothing to be won, and none are kept unless `size` says so.
  Duration worth_it = std::chrono::milliseconds(5);
  /// Where the system would send to an address from; null: not looked at. A change is a change of networks.
  std::function<std::optional<IpAddress>(const Endpoint&)> source;
};

/// One worker's warm connections to one server: connected, and nothing sent, so that the next stream saves the round
/// trip that connecting takes. As nothing was sent, neither a salt nor a timestamp is spent.
///
/// Connections are opened one after another, only while others are asked for; they are closed unused after 40 s. One
/// that the server ends is dropped; where it keeps doing that, none are kept for some minutes. All are dropped when the
/// machine changes networks or wakes up, and where another one could not be opened; while that takes unusually long
/// none is given away, for the server may have vanished without a word. Draining drops them at once. Owner: the
/// worker's part of the service; outlives its tasks. Threads: the worker's.
class WarmPool {
 public:
  static constexpr unsigned kMost = 8;
  /// Shorter than any server waits for a first byte.
  static constexpr Duration kOldest = std::chrono::seconds(40);
  /// A `size` that was asked for is kept for so long after the last connection.
  static constexpr Duration kFixedFor = std::chrono::minutes(5);
  /// How often the server may end what waits, one time after another, before none are kept, and for how long then.
  static constexpr unsigned kEnds = 3;
  static constexpr Duration kFirstRest = std::chrono::minutes(5);
  static constexpr Duration kLongestRest = std::chrono::hours(1);

  /// What became of a dial in the background, and how long it took.
  using Dialled = std::function<void(const net::DialResult& result, Duration took)>;

  /// @param dialled  may be null.
  WarmPool(relay::Environment& env, const WarmRules& rules, Dialled dialled);
  WarmPool(const WarmPool&) = delete;
  WarmPool& operator=(const WarmPool&) = delete;

  /// A stream is about to be opened, by whatever connection. May begin to refill.
  void asked();
  /// One was opened without the pool's help. May begin to refill.
  void connected_cold(Duration took);
  /// Whether there is one to take.
  [[nodiscard]] bool has_some();
  class Taking;
  /// Takes the oldest one: `std::unique_ptr<net::Stream> stream = co_await pool.take();`
  /// @return  null where it has ended in this very moment; there may be others.
  [[nodiscard]] Taking take();

  [[nodiscard]] std::size_t size() const { return held_ ? held_->size() : 0; }

 private:
  class Held;
  class Keeping;
  using HeldList = std::vector<std::unique_ptr<Held>>;

  [[nodiscard]] MonoTime now() const { return env_.timers.now(); }
  [[nodiscard]] std::size_t wanted(MonoTime now);
  [[nodiscard]] Held* oldest();
  [[nodiscard]] bool dials_in_vain() const;
  void refill();
  net::Task<> keep();
  net::Task<> dial_one(relay::LiveSession& session);
  void hold(std::unique_ptr<net::Stream> stream);
  void retire();
  void drop();
  void wake_keeper();
  void completed(Held& held, net::WaitOutcome outcome);
  void note_end();
  void note_lasted();
  bool has_changed_networks();
  void look_at_network(const Endpoint& server);

  relay::Environment& env_;
  const WarmRules& rules_;
  const Dialled dialled_;
  WarmDemand demand_;
  std::optional<MonoTime> asked_at_;
  Duration connect_time_{};
  std::optional<MonoTime> dialling_since_;
  HeldList* held_ = nullptr;   // in the frame of `keep`, which goes with its worker; null while it does not run
  net::Sleep* nap_ = nullptr;  // of `keep`
  MonoTime resting_until_{};   // the server ends what waits, or could not be reached
  MonoTime paced_until_{};     // one was ended just now
  Duration next_pause_{};      // after a dial that failed
  Duration next_rest_ = kFirstRest;
  unsigned ends_ = 0;
  MonoTime last_end_{};
  // What tells one network from another, as it was when it was looked at last.
  std::optional<Endpoint> towards_;
  std::optional<IpAddress> source_;
  Duration slept_{};
  MonoTime looked_{};
};

/// Owner: the coroutine that awaits it.
class [[nodiscard]] WarmPool::Taking {
 public:
  explicit Taking(WarmPool& pool) : pool_(pool) {}
  Taking(const Taking&) = delete;
  Taking& operator=(const Taking&) = delete;

  [[nodiscard]] bool await_ready();
  void await_suspend(std::coroutine_handle<> taker);
  [[nodiscard]] std::unique_ptr<net::Stream> await_resume() { return std::move(stream_); }

 private:
  friend class WarmPool;
  WarmPool& pool_;
  Held* held_ = nullptr;
  std::unique_ptr<net::Stream> stream_;
  std::coroutine_handle<> taker_;
};

/// Whether nothing has come on a stream on which nothing was sent: neither an end nor, which no server does, a byte.
[[nodiscard]] bool is_untouched(net::Stream& stream);

}  // namespace ss::local
