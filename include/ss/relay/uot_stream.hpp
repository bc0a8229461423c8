#pragma once

#include <array>
#include <coroutine>
#include <optional>
#include <span>

#include "ss/net/datagram.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/net/timers.hpp"
#include "ss/protocol/outcome.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/send_batch.hpp"

namespace ss::relay {

/// Where a read of a UotStream puts its frames: the reader's spans, and what they do not hold into `overflow`.
///
/// Owner: one read. Threads: the worker's.
class FrameWriter {
 public:
  /// @param overflow  room for all frames of one receive.
  FrameWriter(std::span<const Bytes> into, Bytes overflow) : into_(into), overflow_(overflow) {}

  void put(ConstBytes bytes);

  /// Bytes that the spans still take.
  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] std::size_t written() const { return written_; }
  [[nodiscard]] ConstBytes overflow() const { return overflow_.first(over_); }

 private:
  std::span<const Bytes> into_;
  Bytes overflow_;
  std::size_t at_ = 0;  // in the first span
  std::size_t written_ = 0;
  std::size_t over_ = 0;
};

/// Datagrams as a stream of UDP-over-TCP frames (protocol/uot.hpp), so that the pumps carry them as they carry any
/// other: reading yields frames of what came to the sockets; writing takes frames and sends what they hold.
///
/// Nothing is received while nobody reads, so that behind a slow connection it is the sockets that drop, the newest
/// first. Writing takes everything: what a socket does not take is dropped. The end of either direction is the end of
/// both: a stream without its datagrams, or the reverse, serves nobody.
///
/// Memory between turns: frames of one receive that the reader had no room for, and one frame that has not wholly come.
///
/// Owner: the session. Threads: the worker's. `close` is awaited before it goes.
class UotStream : public net::Stream {
 public:
  net::IoResult try_read(std::span<const Bytes> into) final;
  /// Fails with EPROTO at what is no frame, with EPIPE after the end.
  net::IoResult try_write(std::span<const ConstBytes> from) final;
  void wait(net::Side side, net::Waiter& waiter) final;
  void cancel() final;
  int finish_connect() final { return 0; }
  void shut_write() final { end(); }
  void reset() final { end(); }
  [[nodiscard]] std::size_t unacknowledged() const final { return 0; }
  [[nodiscard]] Endpoint local_endpoint() const final { return {}; }
  [[nodiscard]] Endpoint peer_endpoint() const final { return {}; }
  using net::Stream::try_read;
  using net::Stream::try_write;

  /// Ends the stream, and waits until nothing waits on its sockets any more.
  net::Task<> close();

 protected:
  /// @param received  counts datagrams that came.
  /// @param sent      counts those that went.
  /// @param idle      the stream ends once nothing has moved for so long, at most a quarter of it late; 0: never.
  UotStream(Environment& env, telemetry::Counter& received, telemetry::Counter& sent, Duration idle);
  ~UotStream() override = default;

  /// Has what comes to `socket` read from here. At most two of them; they outlive `close`.
  void listen_to(net::Datagram& socket);

  /// Writes the frame of a datagram that came, or nothing where it is not for this stream.
  /// @return  whether it is.
  virtual bool frame(const net::Received& datagram, FrameWriter& out) = 0;
  /// Takes the message at the front of what is written to this stream, and sends what it holds.
  /// @return  its length. Need{n}: it is not whole. Errors end the stream.
  /// Lifetime: the batch has gone before `bytes` change.
  virtual protocol::Parsed<std::size_t> take(ConstBytes bytes, SendBatch& batch) = 0;
  /// Ends the waits on the sockets, soon.
  virtual void cancel_sockets() = 0;

  Environment& env_;

 private:
  /// A socket, and the coroutine that waits on it.
  struct Source {
    net::Datagram* socket = nullptr;
    bool readable = false;           // has said so, and was not found empty since
    std::coroutine_handle<> paused;  // until somebody reads again
  };
  struct UntilRead;
  struct AllEnded;
  /// Completes waits from outside of every call.
  class Soon final : public net::Timer {
   public:
    explicit Soon(UotStream& stream) : stream_(stream) {}

   private:
    void expired() noexcept override { stream_.complete_due(); }
    UotStream& stream_;
  };
  class Idle final : public net::Timer {
   public:
    explicit Idle(UotStream& stream) : stream_(stream) {}

   private:
    void expired() noexcept override { stream_.check_idle(); }
    UotStream& stream_;
  };
  struct Pending {
    net::Waiter* waiter = nullptr;
    std::optional<net::WaitOutcome> due;
  };

  net::Task<> watch(Source& source);
  void receive(Source& source, DatagramScratch::Turn& turn, FrameWriter& out);
  bool take_all(ConstBytes bytes, SendBatch& batch);
  bool complete_partial(ConstBytes& bytes, SendBatch& batch);
  void set_partial(ByteVector partial);
  void end();
  void complete_soon(net::Side side, net::WaitOutcome outcome);
  void complete_due();
  void check_idle();
  Pending& pending(net::Side side) { return pending_[static_cast<std::size_t>(side)]; }

  telemetry::Counter& received_;
  telemetry::Counter& sent_;
  const Duration idle_;
  MonoTime last_moved_;
  std::array<Source, 2> sources_;
  std::size_t source_count_ = 0;
  std::array<Pending, 2> pending_;
  HeldBytes unread_;    // frames
  ByteVector partial_;  // of a message
  Soon soon_;
  Idle idle_timer_;
  std::uint32_t watching_ = 0;
  std::coroutine_handle<> joiner_;
  bool ended_ = false;
};

}  // namespace ss::relay
