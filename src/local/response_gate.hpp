#pragma once

#include <cstdint>
#include <optional>

#include "client_request.hpp"
#include "servers/diagnosis.hpp"
#include "servers/server.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/timers.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/protocol/pair/frame.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/pump.hpp"

namespace ss::local {

class WarmStream;

/// The answer that a client is still owed.
struct OwedAnswer {
  ClientProtocol protocol = ClientProtocol::socks5;
  Endpoint bound;  ///< what success names where the server does not say
  /// It asked for BIND, which a server of ours alone can do: two answers, from two frames (RFC 1928 section 6).
  bool is_bind = false;
};

/// Stands in front of a response: takes the frames of our own ss-server off it, learns from it whose server that is and
/// what its clock shows, and gives the client the answer that it is owed as soon as the truth is known.
///
/// Where no frame comes in time the answer is "succeeded", as any other client's would be. A failure that is learnt
/// after that becomes a reset, never an empty success.
/// Owner: the pump. Threads: the worker's. Lifetime: everything given outlives it.
class ResponseGate final : public relay::ResponseHead, private net::Timer {
 public:
  /// How long a frame is waited for.
  static constexpr Duration kFrameWait = std::chrono::seconds(2);
  /// And the true one, where a frame said that the server is still dialling: longer than any dial of its.
  static constexpr Duration kDialWait = std::chrono::seconds(60);
  /// And the second frame of BIND: as long as ss-server waits for the peer, and some.
  static constexpr Duration kPeerWait = std::chrono::seconds(70);
  /// A server that was never heard and says nothing is worth a line in the log after that.
  static constexpr Duration kSilence = std::chrono::milliseconds(2500);
  /// How long a client that was refused may keep its connection (RFC 1928 section 6).
  static constexpr Duration kRefusalGrace = std::chrono::seconds(10);

  /// The request that was sent just now, or is to be sent again, on which the answer comes.
  struct Request {
    bool marked = false;       ///< its salt was
    bool has_payload = false;  ///< so that an answer may be expected
    Duration wait{};           ///< how long to watch a server that is not known to be ours before success is said
    const WarmStream* warm = nullptr;  ///< the connection, where the request may be sent again on another one
  };

  /// @param owed  nothing: the client has been answered, or is none.
  ResponseGate(relay::Environment& env, relay::LiveSession& session, Server& server, net::Stream& client,
               const Request& request, std::optional<OwedAnswer> owed);

 private:
  [[nodiscard]] UnixSeconds now() const override { return server_.clock().now(env_.clock); }
  Verdict opened(const protocol::Decoder& decoder, protocol::Decoder::Payload& payload) override;
  Verdict ended(relay::PumpEnd why) override;
  void expired() noexcept override;

  [[nodiscard]] Duration asked() const;
  void await(Duration time);
  [[nodiscard]] bool was_sent_later();
  void learn(const protocol::Decoder& decoder);
  Verdict take_frames(protocol::Decoder::Payload& payload);
  Verdict judge(const protocol::pair::Frame& frame);
  Verdict refuse(protocol::socks5::Reply reply);
  void refuse_late(protocol::socks5::Reply reply);
  bool say(protocol::socks5::Reply reply, const Endpoint& bound);
  void complain(relay::PumpEnd why);
  void warn(Trouble trouble);

  relay::Environment& env_;
  relay::LiveSession& session_;
  Server& server_;
  net::Stream& client_;
  const Duration made_;  // since boot
  const WarmStream* const warm_;
  Duration awaited_{};  // how long for an answer that has not begun
  ByteVector inbox_;    // of a frame that is not whole
  std::optional<OwedAnswer> owed_;
  enum class Awaiting : std::uint8_t { answer, frame, true_frame, end } awaiting_ = Awaiting::answer;
  const bool marked_;
  bool begun_ = false;
};

}  // namespace ss::local
