#pragma once

#include <array>
#include <memory>
#include <optional>

#include "local_worker.hpp"
#include "ss/base/clock.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/held_bytes.hpp"

namespace ss::local {

/// A warm connection with a stream on it. The server, or a box on the way, may have ended it in the very moment of the
/// first flight: then the same server is dialled once, and the same sealed bytes are sent there. To the pumps that is
/// one connection which takes a little longer.
///
/// Sent again is a first flight that was not taken at all; or one of which nothing was acknowledged, with nothing
/// written behind it and nothing read, so that no program has seen it. Should that be wrong all the same (an
/// acknowledgement may be lost), a 2022 server takes its salt once: so with SIP004 it must hold no payload.
/// Owner: the session, in place of the connection. Threads: the worker's. Lifetime: everything given outlives it. It
/// dials while a wait on it is pending and at no other time, so that it may go whenever any Stream may. Cost: the
/// flight is kept until the first byte of an answer, or the next one that is written.
class WarmStream final : public net::Stream {
 public:
  /// A server takes no older stamp, and remembers its salt for longer.
  static constexpr Duration kAgainWithin = std::chrono::seconds(30);
  /// A longer flight is not kept. What browsers say first is shorter.
  static constexpr std::size_t kMostKept = std::size_t{4} * 1024;

  /// @param lane  one of `worker`'s: whose server it goes to. The balancers are told what comes of dialling it.
  WarmStream(relay::Environment& env, relay::LiveSession& session, const LocalWorker& worker, const ServerLane& lane,
             std::unique_ptr<net::Stream> connection)
      : env_(env),
        session_(session),
        worker_(worker),
        lane_(lane),
        stream_(std::move(connection)),
        flight_(env.held_total) {}

  /// Writes the first flight; one that the connection does not take is sent on another one.
  /// @param repeatable  whether a server that sees it twice takes it once, or loses nothing by taking it twice.
  net::IoResult send_first(ConstBytes flight, bool repeatable);
  /// When the first flight went out most lately, since boot; nothing: it is to be sent again.
  [[nodiscard]] std::optional<Duration> flight_sent() const {
    return state_ == State::dialling ? std::nullopt : std::optional(sent_);
  }

  using net::Stream::try_read;
  using net::Stream::try_write;
  net::IoResult try_read(std::span<const Bytes> into) override;
  net::IoResult try_write(std::span<const ConstBytes> from) override;
  void wait(net::Side side, net::Waiter& waiter) override;
  void cancel() override;
  int finish_connect() override { return stream_->finish_connect(); }
  void shut_write() override;
  void reset() override { stream_->reset(); }
  [[nodiscard]] std::size_t unacknowledged() const override { return stream_->unacknowledged(); }
  [[nodiscard]] Endpoint local_endpoint() const override { return stream_->local_endpoint(); }
  [[nodiscard]] Endpoint peer_endpoint() const override { return stream_->peer_endpoint(); }

 private:
  enum class State : std::uint8_t { connected, dialling, over };

  [[nodiscard]] bool was_unseen() const;
  [[nodiscard]] bool is_timely() const { return env_.clock.since_boot() - sent_ < kAgainWithin; }
  void dial_again(const net::IoResult& end);
  net::Task<> dial();
  bool send_again(net::Stream& stream);

  relay::Environment& env_;
  relay::LiveSession& session_;
  const LocalWorker& worker_;
  const ServerLane& lane_;
  std::unique_ptr<net::Stream> stream_;
  relay::HeldBytes flight_;                // empty: nothing is sent again
  Duration sent_{};                        // the flight, most lately; since boot, as stamps grow old in suspension
  net::IoResult end_{};                    // of the first connection
  std::array<net::Waiter*, 2> waiting_{};  // by side, while dialling
  State state_ = State::connected;
  bool dial_begun_ = false;
  bool cancelled_ = false;
  bool shut_ = false;
};

}  // namespace ss::local
