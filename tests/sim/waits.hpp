#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "sim/world.hpp"
#include "ss/net/stream.hpp"

namespace ss::sim {

/// Who waits on the two sides of one simulated socket. Waits complete as events of the world, never from inside a call.
///
/// Owner: the socket. Threads: one.
class Waits {
 public:
  explicit Waits(World& world) : world_(world), self_(std::make_shared<Waits*>(this)) {}
  Waits(const Waits&) = delete;
  Waits& operator=(const Waits&) = delete;
  /// Ends the program where somebody still waits: the rule of the seam is that nobody does on a socket that goes.
  ~Waits();

  /// @pre  nobody waits on `side`: ends the program otherwise.
  void begin(net::Side side, net::Waiter& waiter);
  /// Completes the wait on `side`, if there is one whose end is not under way yet.
  void complete_after(Duration delay, net::Side side, net::WaitOutcome outcome);
  /// Completes both with `cancelled`, where an end that is under way does not come first.
  void cancel();

 private:
  struct Pending {
    net::Waiter* waiter = nullptr;
    bool scheduled = false;
    std::uint64_t number = 0;
  };
  Pending& pending(net::Side side) { return pending_[static_cast<std::size_t>(side)]; }

  World& world_;
  std::array<Pending, 2> pending_;
  std::uint64_t begun_ = 0;
  std::shared_ptr<Waits*> self_;  // null inside once this has gone, for events that come later
};

}  // namespace ss::sim
