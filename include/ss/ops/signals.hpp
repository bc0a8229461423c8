#pragma once

#include <cstdint>
#include <optional>

#include "ss/base/clock.hpp"

namespace ss::ops {

/// Turns the process's signals into events that one thread waits for.
///
/// Owner: the service; at most one at a time. Threads: `next` is called by the owner's; `wake` by any.
class Signals {
 public:
  enum class Event : std::uint8_t {
    stop,     ///< TERM or INT
    reload,   ///< HUP
    report,   ///< USR1
    replace,  ///< USR2
    woken,    ///< somebody called wake()
  };

  /// Takes TERM, INT, HUP, USR1 and USR2 over; none of them where there is an error().
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  /// Gives them back to who had them.
  ~Signals();

  /// 0, or the errno value of what was needed to take the signals over.
  [[nodiscard]] int error() const { return error_; }

  /// Waits for the next event, at most for `timeout`; absent: for ever. Of several it is the one that stands first in
  /// Event.
  /// @pre  no error().
  /// @return  nothing where the time ran out.
  std::optional<Event> next(std::optional<Duration> timeout);

  /// Makes `next` return Event::woken.
  void wake();

 private:
  int error_ = 0;
};

/// While it lives, the signals that Signals takes do not arrive at this thread, nor at threads that it starts.
class SignalsBlocked {
 public:
  SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked();
};

}  // namespace ss::ops
