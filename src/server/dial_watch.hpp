#pragma once

#include <coroutine>

#include "admission.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/timers.hpp"
#include "ss/relay/environment.hpp"

namespace ss::server {

/// Looks after a client while its target is being dialled, once that takes longer than most dials: takes in a little
/// more of what it sends, leaves its FIN for after the payload, and ends the dial where it resets: at once, or, where
/// it has sent all that is taken in, within kLookEvery. Tells a marked client after a second that the dial is still
/// going on. A wait for a peer (BIND) is watched likewise, but that the client is told nothing, and that its FIN ends
/// the wait: who has asked for a port and goes must not leave it open.
///
/// Costs a quick dial one timer. Owner: the coroutine that dials, which awaits `end` before it lets go of this.
/// Threads: the worker's.
class DialWatch final : private net::Timer, private net::Waiter {
 public:
  /// From when on the client is read from.
  static constexpr Duration kQuick = std::chrono::milliseconds(100);
  /// And from when on it is told, counted from there.
  static constexpr Duration kPatience = std::chrono::milliseconds(900);
  /// How often a client that is not read from any more is looked at: a reset behind unread bytes wakes nobody.
  static constexpr Duration kLookEvery = std::chrono::seconds(1);
  /// How much behind a request is taken in: what stands there and one more chunk of SIP004, or of a 2022 client that
  /// sends as little at a time.
  static constexpr std::size_t kMostBehind = protocol::kMaxPayload2017 + protocol::kChunkOverhead;

  enum class Purpose : std::uint8_t { dial, peer };

  DialWatch(relay::Environment& env, relay::LiveSession& session, net::Stream& client, Admission& admission,
            Purpose purpose);
  DialWatch(const DialWatch&) = delete;
  DialWatch& operator=(const DialWatch&) = delete;
  ~DialWatch() override;

  class [[nodiscard]] Ended;
  /// Lets go of the client: `co_await watch.end()`. Then nothing waits on it any more.
  Ended end();

 private:
  [[nodiscard]] bool is_full() const { return admission_.rest().size() >= kMostBehind; }
  void expired() noexcept override;
  void look();
  void tell();
  void complete(net::WaitOutcome outcome) override;
  void wait();
  void read_some();
  void keep(ConstBytes bytes);
  void lose();

  relay::Environment& env_;
  relay::LiveSession& session_;
  net::Stream& client_;
  Admission& admission_;
  std::coroutine_handle<> joiner_;
  std::uint32_t held_ = 0;
  const Purpose purpose_;
  bool begun_ = false;
  bool to_tell_;
  bool waiting_ = false;
};

class [[nodiscard]] DialWatch::Ended {
 public:
  explicit Ended(DialWatch& watch) : watch_(watch) {}
  bool await_ready() noexcept {
    watch_.stop();
    return !watch_.waiting_;
  }
  void await_suspend(std::coroutine_handle<> joiner) {
    watch_.joiner_ = joiner;
    watch_.client_.cancel();
  }
  void await_resume() const noexcept {}

 private:
  DialWatch& watch_;
};

inline DialWatch::Ended DialWatch::end() {
  return Ended(*this);
}

}  // namespace ss::server
