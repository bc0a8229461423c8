#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "poller.hpp"

namespace ss::bench {

using Clock = std::chrono::steady_clock;

/// What a run shares: where to, and how it went.
struct Load {
  Poller poller;
  std::uint16_t target = 0;
  std::uint16_t via = 0;  ///< SOCKS5 port; 0: straight to `target`, which is then the floor's own listener
  Clock::time_point deadline;
  std::uint64_t open = 0;
  std::uint64_t done = 0;
  std::uint64_t errors = 0;

  [[nodiscard]] bool over() const { return Clock::now() >= deadline; }
};

/// A client connection up to the point where the target's stream begins. Frees itself at its end.
class Client : public Handler {
 public:
  explicit Client(Load& load);
  void ready(std::uint32_t events) final;

 protected:
  /// The stream to the target has begun.
  virtual void established() = 0;
  /// The descriptor is ready for what watch() asked.
  virtual void moved() = 0;
  /// Called once, after this connection has left `load.open`; the place to start the next one.
  virtual void ended(bool good) = 0;

  void watch(std::uint32_t events) { load_.poller.change(fd_, *this, events); }
  void end(bool good);

  Load& load_;
  int fd_ = -1;

 private:
  enum class Phase : std::uint8_t { connecting, greeting, request, established };
  void begin_negotiation();
  void read_reply();

  Phase phase_ = Phase::connecting;
  std::array<std::uint8_t, 22> reply_{};
  std::size_t got_ = 0;
};

}  // namespace ss::bench
