#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "sim/waits.hpp"
#include "sim/world.hpp"
#include "ss/net/stream.hpp"

namespace ss::sim {

/// A simulated TCP connection: two ends, a lane of bytes each way, acknowledgements that take time, and the kernel's
/// rules for FIN and reset — a reset destroys what was not acknowledged, and a close with unread bytes is a reset.
class Link {
 public:
  static constexpr std::size_t kCapacity = std::size_t{64} * 1024;

  struct Lane {
    std::deque<std::uint8_t> bytes;  // sent, not read
    std::size_t unacknowledged = 0;  // at the back of `bytes`, or read already
    bool fin = false;
    bool reset = false;   // the reader sees ECONNRESET after `bytes`
    bool broken = false;  // the writer sees EPIPE
    ByteVector history;   // everything that was ever written
  };

  Link(World& of, std::uint32_t& count) : world(of), alive(count) {}

  World& world;
  std::uint32_t& alive;  // streams that exist, over all links of the run
  bool sealed = false;   // carries wire bytes of Shadowsocks
  Duration acks_late{};  // acknowledgements are lost for so long
  Lane lanes[2];         // lanes[i]: written by end i
  class SimStream* ends[2] = {nullptr, nullptr};
};

/// One end of a Link. With `faulty` its steps count and may be struck.
class SimStream final : public net::Stream {
 public:
  SimStream(std::shared_ptr<Link> link, int end, Endpoint local, Endpoint peer, bool faulty);
  SimStream(const SimStream&) = delete;
  SimStream& operator=(const SimStream&) = delete;
  ~SimStream() override;

  using net::Stream::try_read;
  using net::Stream::try_write;
  net::IoResult try_read(std::span<const Bytes> into) override;
  net::IoResult try_write(std::span<const ConstBytes> from) override;
  void wait(net::Side side, net::Waiter& waiter) override;
  void cancel() override;
  int finish_connect() override { return connect_error_; }
  void shut_write() override;
  void reset() override;
  [[nodiscard]] std::size_t unacknowledged() const override { return out().unacknowledged; }
  [[nodiscard]] Endpoint local_endpoint() const override { return local_; }
  [[nodiscard]] Endpoint peer_endpoint() const override { return closed_ || in().reset ? Endpoint{} : peer_; }

  /// The connect has come to its end: `error` 0 or why not.
  void connected(int error);
  /// A stream that has not come about yet.
  void connecting() { connecting_ = true; }

 private:
  Link::Lane& in() const { return link_->lanes[1 - end_]; }
  Link::Lane& out() const { return link_->lanes[end_]; }
  [[nodiscard]] bool may_progress(net::Side side) const;
  static void wake(SimStream* stream, net::Side side);
  net::IoResult fail(int error);
  void drop_unacknowledged();

  std::shared_ptr<Link> link_;
  int end_;
  Endpoint local_;
  Endpoint peer_;
  bool faulty_;
  bool connecting_ = false;
  bool closed_ = false;
  bool has_read_ = false;
  bool has_written_ = false;
  int connect_error_ = 0;
  int broken_ = 0;  // errno that a fault left behind
  Waits waits_;
};

}  // namespace ss::sim
