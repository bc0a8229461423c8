#include "sim/waits.hpp"

#include <cstdlib>
#include <utility>

namespace ss::sim {

using net::Side;
using net::WaitOutcome;

Waits::~Waits() {
  if (pending_[0].waiter != nullptr || pending_[1].waiter != nullptr) std::abort();
  *self_ = nullptr;
}

void Waits::begin(Side side, net::Waiter& waiter) {
  if (pending(side).waiter != nullptr) std::abort();
  pending(side) = {&waiter, false, ++begun_};
}

void Waits::complete_after(Duration delay, Side side, WaitOutcome outcome) {
  Pending& wait = pending(side);
  if (wait.waiter == nullptr || wait.scheduled) return;
  wait.scheduled = true;
  world_.after(delay, [self = self_, side, outcome, number = wait.number] {
    if (*self == nullptr) return;
    Pending& due = (*self)->pending(side);
    if (due.waiter == nullptr || due.number != number) return;
    net::Waiter* const waiter = std::exchange(due, {}).waiter;
    waiter->complete(outcome);
  });
}

void Waits::cancel() {
  for (const Side side : {Side::read, Side::write}) {
    pending(side).scheduled = false;
    complete_after(world_.some_delay(), side, WaitOutcome::cancelled);
  }
}

}  // namespace ss::sim
