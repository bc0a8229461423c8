#pragma once

#include "ss/base/bytes.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/protocol/pair/frame.hpp"
#include "ss/relay/environment.hpp"

namespace ss::server {

/// The beginning of the response to a marked request: frames, each sealed and sent as soon as it is known, in front of
/// the raw stream. What the client does not take at once goes with the next frame, or first thing with the pump.
///
/// Owner: the admission. Threads: the worker's.
class PairAnswer {
 public:
  /// The most that goes behind a frame in its chunk.
  static constexpr std::size_t kMaxTail = 32;

  explicit PairAnswer(protocol::Encoder encoder) : encoder_(std::move(encoder)) {}

  /// Seals and sends `frame`, and `tail` behind it. A client that is gone shows at the next read from it.
  /// @pre  tail.size() <= kMaxTail
  void send(relay::Environment& env, net::Stream& client, const protocol::pair::Frame& frame, ConstBytes tail = {});

  /// Sends what is left, then FIN, and discards what the client goes on sending for at most `grace`. Nothing follows.
  net::Task<> finish(relay::Environment& env, relay::LiveSession& session, net::Stream& client, Duration grace);

  /// What the downstream pump goes on with, and what it has to send first.
  protocol::Encoder take_encoder() { return std::move(encoder_); }
  [[nodiscard]] ConstBytes unsent() const { return unsent_; }

 private:
  void flush(net::Stream& client, ConstBytes wire);

  protocol::Encoder encoder_;
  ByteVector unsent_;
};

}  // namespace ss::server
