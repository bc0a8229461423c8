#pragma once

#include <memory>
#include <optional>

#include "ss/base/bytes.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/net/timers.hpp"

namespace ss::sim {

/// An application at either end of the pair: what it says, and what it was told.
///
/// It says `to_say` and shuts its write half, and at the same time takes in everything until the end; with
/// `listens_first` it speaks only once it has heard everything, with `never_shuts` it keeps its write half open until
/// it has heard the end, and with `resets` it resets its connection in the place of FIN, once everything it said has
/// been acknowledged.
struct Actor {
  ByteVector to_say;
  bool listens_first = false;
  bool never_shuts = false;
  bool resets = false;
  ByteVector (*answer)(const ByteVector& heard) = nullptr;  ///< what it says, with `listens_first`; null: `to_say`
  std::size_t answers = 0;  ///< what it hears first is so many bytes, and worth a look at the clock

  bool ran = false;
  std::size_t said = 0;  ///< bytes that its stream took
  bool shut = false;     ///< it said everything and sent FIN
  ByteVector heard;
  std::optional<MonoTime> answered;  ///< when it had heard `answers` bytes
  bool heard_end = false;            ///< a clean FIN
  bool failed = false;               ///< its connection was reset or broke
  bool finished = false;
};

/// Lives one connection of `actor` to its end.
net::Task<> live(Actor& actor, net::Stream& stream, net::Timers& timers);

}  // namespace ss::sim
