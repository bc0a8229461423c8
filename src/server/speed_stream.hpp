#pragma once

#include <array>
#include <optional>

#include "ss/net/stream.hpp"
#include "ss/net/timers.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/held_bytes.hpp"

namespace ss::server {

/// Stands where a connection to the target would stand, for the operations ECHO, SOURCE and SINK: the pumps carry it as
/// they carry any other, so it is as bounded and as held back as they are.
///
/// What is written comes back (echo), or is discarded. Reading yields zeros without end (source), or nothing, until the
/// writer has ended.
/// Owner: the session. Threads: the worker's.
class SpeedStream final : public net::Stream, private net::Timer {
 public:
  enum class Kind : std::uint8_t { echo, source, sink };

  SpeedStream(relay::Environment& env, Kind kind) : env_(env), kind_(kind), held_(env.held_total) {}

  net::IoResult try_read(std::span<const Bytes> into) override;
  net::IoResult try_write(std::span<const ConstBytes> from) override;
  void wait(net::Side side, net::Waiter& waiter) override;
  void cancel() override;
  int finish_connect() override { return 0; }
  void shut_write() override;
  void reset() override;
  [[nodiscard]] std::size_t unacknowledged() const override { return 0; }
  [[nodiscard]] Endpoint local_endpoint() const override { return {}; }
  [[nodiscard]] Endpoint peer_endpoint() const override { return {}; }
  using net::Stream::try_read;
  using net::Stream::try_write;

 private:
  struct Pending {
    net::Waiter* waiter = nullptr;
    std::optional<net::WaitOutcome> due;
  };

  void expired() noexcept override;
  [[nodiscard]] bool may_progress(net::Side side) const;
  void complete_soon(net::Side side, net::WaitOutcome outcome);

  relay::Environment& env_;
  const Kind kind_;
  relay::HeldBytes held_;  // echo: what has come and not gone back
  std::array<Pending, 2> pending_;
  bool ended_ = false;
};

}  // namespace ss::server
