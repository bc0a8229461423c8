#include "sim/world.hpp"

#include <cerrno>

namespace ss::sim {

std::string_view name_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::ended:
      return "ended";
    case Fault::reset:
      return "reset";
    case Fault::broken_pipe:
      return "broken_pipe";
    case Fault::timed_out:
      return "timed_out";
    case Fault::unreachable:
      return "unreachable";
    case Fault::network_down:
      return "network_down";
    case Fault::no_buffers:
      return "no_buffers";
    case Fault::no_descriptors:
      return "no_descriptors";
    case Fault::short_step:
      return "short_step";
    case Fault::nothing_there:
      return "nothing_there";
    case Fault::late:
      return "late";
    case Fault::flipped:
      return "flipped";
    case Fault::lost:
      return "lost";
    case Fault::refused:
      return "refused";
    case Fault::doubled:
      return "doubled";
    case Fault::reordered:
      return "reordered";
    case Fault::too_long:
      return "too_long";
    case Fault::roamed:
      return "roamed";
    case Fault::departed:
      return "departed";
    case Fault::vanished:
      return "vanished";
  }
  return "?";
}

int errno_of(Fault fault) {
  switch (fault) {
    case Fault::reset:
      return ECONNRESET;
    case Fault::broken_pipe:
      return EPIPE;
    case Fault::timed_out:
      return ETIMEDOUT;
    case Fault::unreachable:
      return EHOSTUNREACH;
    case Fault::network_down:
      return ENETDOWN;
    case Fault::no_buffers:
      return ENOBUFS;
    case Fault::no_descriptors:
      return EMFILE;
    default:
      return 0;
  }
}

void World::after(Duration delay, std::function<void()> event) {
  events_.emplace(std::pair(now_ + delay, asked_++), std::move(event));
}

bool World::run(Duration limit) {
  const MonoTime end = now_ + limit;
  while (!events_.empty()) {
    const auto next = events_.begin();
    if (next->first.first > end) return false;
    now_ = next->first.first;
    note(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    const std::function<void()> event = std::move(next->second);
    events_.erase(next);
    event();
    if (after_event) after_event();
  }
  return true;
}

Duration World::some_delay() {
  return std::chrono::microseconds(10 + random_() % 1000);
}

Fault World::step() {
  if (steps_++ != plan_.step) return Fault::none;
  if (when_struck) when_struck(plan_.fault);
  return plan_.fault;
}

std::size_t World::portion(std::size_t possible) {
  std::size_t moved = possible;
  if (split_ == Split::one_byte) moved = 1;
  if (split_ == Split::random) moved = 1 + random_() % possible;
  note(moved);
  return moved;
}

bool World::chance(std::uint32_t thousandths) {
  return thousandths > 0 && random_() % 1000 < thousandths;
}

std::size_t World::below(std::size_t limit) {
  return random_() % limit;
}

}  // namespace ss::sim
