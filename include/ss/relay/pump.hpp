#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "ss/base/clock.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/held_bytes.hpp"
#include "ss/relay/read_budget.hpp"

namespace ss::relay {

/// How one direction ended.
enum class PumpEnd : std::uint8_t {
  finished,   ///< Everything up to the sender's FIN was passed on, and the FIN too.
  lost_from,  ///< The sender's connection failed (reset, timed out); everything read before it was passed on.
  lost_to,    ///< The receiver's connection failed: it takes nothing any more.
  corrupt,    ///< Wire bytes did not open or ended inside a chunk (nothing of it was passed on), or memory ran out.
  stopped,    ///< The session was told to end.
};

/// One direction of a session: wait, then one turn — read, seal or open in place, write — through the worker's scratch.
///
/// Owns no buffer while it waits; only what the receiver did not take, or a chunk that has not wholly come, is kept.
/// While something is kept for the receiver nothing more is read.
///
/// Owner: the session. Threads: the worker's. Both streams outlive the pump; it is the only reader of `from` and the
/// only writer of `to`.
class Pump {
 public:
  Pump(Environment& env, LiveSession& session, net::Stream& from, net::Stream& to, telemetry::Counter& payload);
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  /// Runs until the direction has ended. Ends of kinds other than `finished` and `lost_to` wake the opposite pump,
  /// which then ends as `stopped`; after `lost_to` the opposite pump still passes on what the lost side had sent.
  net::Task<PumpEnd> run();

 protected:
  ~Pump() = default;

  /// What a step came to: which side to wait on, or that the direction is over.
  enum class Step : std::uint8_t { read, write, over };

  /// The first step, with what the handshake left over. Called once, by `run`.
  virtual Step begin() = 0;
  /// Reads once and passes on.
  virtual Step turn() = 0;
  /// Everything that was kept for the receiver has left.
  virtual Step flushed() { return Step::read; }

  /// Writes `spans`, keeps what was not taken.
  /// @param filled  whether the read they came from used up its budget.
  Step send(std::span<const ConstBytes> spans, std::size_t bytes, bool filled);
  /// Writes what is kept.
  Step flush();
  /// What a read that gave nothing comes to. @param clean  whether the sender may end here
  /// @return  nothing: it was only too early.
  static std::optional<PumpEnd> end_of(const net::IoResult& result, bool clean);
  /// The sender has ended, as `why` says: passes a FIN on where that is clean.
  Step ended(PumpEnd why);
  Step over(PumpEnd end);
  void count_payload(std::size_t bytes);
  [[nodiscard]] std::size_t budget() const { return budget_.bytes(env_.held_total.high()); }
  [[nodiscard]] std::size_t wire_budget() const { return budget_.wire_bytes(env_.held_total.high()); }

  Environment& env_;
  net::Stream& from_;
  net::Stream& to_;
  HeldBytes unsent_;
  ReadBudget budget_;

 private:
  LiveSession& session_;
  telemetry::Counter& payload_;
  PumpEnd end_ = PumpEnd::finished;

  /// Takes one step; where memory runs out the direction is over, not the process.
  Step attempt(Step (Pump::*step)());
};

/// Payload in, wire bytes out: upstream on ss-local, downstream on ss-server.
class SealPump final : public Pump {
 public:
  /// @param leftover  wire bytes of the first flight that the receiver did not take yet; copied.
  /// @param behind    payload that had no room in it: it goes before what is read; copied.
  SealPump(Environment& env, LiveSession& session, net::Stream& from, net::Stream& to,
           telemetry::Counter& payload_counter, protocol::Encoder encoder, ConstBytes leftover = {},
           ConstBytes behind = {});

 private:
  Step begin() override;
  Step turn() override;
  void seal_behind(ConstBytes payload, ByteVector& unsent);

  protocol::Encoder encoder_;
  bool spent_ = false;  // the key, before anything was read
};

/// Looks at the beginning of a response before any of it is passed on. What it learns from it, and what it tells the
/// receiver in front of it, is its own matter.
///
/// Owner: the pump, until the response has begun. Threads: the worker's.
class ResponseHead {
 public:
  enum class Verdict : std::uint8_t {
    wait,    ///< More has to come first.
    pass,    ///< What is left in the payload, and all that follows, is the receiver's; the head is not asked again.
    finish,  ///< The receiver has been told that nothing follows: it gets a FIN.
    fail,    ///< Nothing follows, and the receiver has to see that: it gets a reset.
  };

  virtual ~ResponseHead() = default;
  /// The time by which the response's timestamp is judged.
  [[nodiscard]] virtual UnixSeconds now() const = 0;
  /// Payload has opened: takes what is not the receiver's off its front.
  virtual Verdict opened(const protocol::Decoder& decoder, protocol::Decoder::Payload& payload) = 0;
  /// The response has ended, failed or did not open before it was passed on.
  /// @pre  why is finished, lost_from or corrupt
  virtual Verdict ended(PumpEnd why) = 0;
};

/// Wire bytes in, payload out: upstream on ss-server, downstream on ss-local.
class OpenPump final : public Pump {
 public:
  /// @param payload  opened by the handshake already, to be passed on first; copied.
  /// @param rest     wire bytes behind it; copied.
  OpenPump(Environment& env, LiveSession& session, net::Stream& from, net::Stream& to,
           telemetry::Counter& payload_counter, protocol::Decoder decoder, ConstBytes payload = {},
           ConstBytes rest = {});
  /// Opens a response.
  OpenPump(Environment& env, LiveSession& session, net::Stream& from, net::Stream& to,
           telemetry::Counter& payload_counter, protocol::Decoder decoder, std::unique_ptr<ResponseHead> head);

 private:
  Step begin() override;
  Step turn() override;
  Step flushed() override;
  Step pass_on(Bytes wire, bool filled);
  Step receive_head(protocol::Decoder::Payload& payload);
  Step end_head(PumpEnd why);
  protocol::Decoder decoder_;
  HeldBytes unopened_;
  std::unique_ptr<ResponseHead> head_;  // null once the response has begun
  bool rest_unseen_ = false;
};

}  // namespace ss::relay
