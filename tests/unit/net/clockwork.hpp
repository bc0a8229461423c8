#pragma once

#include "ss/net/timers.hpp"

namespace ss::net::test {

/// Timers on virtual time: nothing happens but in `advance`.
struct Clockwork {
  struct FakeAlarm final : Timers::Alarm {
    void set(MonoTime when) override {
      at = when;
      ++times_set;
    }
    MonoTime at = MonoTime::max();
    int times_set = 0;
  };

  /// Moves time on, stopping at each alarm on the way.
  void advance(Duration by) {
    const MonoTime end = clock.now() + by;
    while (alarm.at <= end) {
      if (alarm.at > clock.now()) clock.advance(alarm.at - clock.now());
      alarm.at = MonoTime::max();
      timers.run();
    }
    clock.advance(end - clock.now());
  }
  [[nodiscard]] Duration now() const { return clock.now().time_since_epoch(); }

  ManualClock clock;
  FakeAlarm alarm;
  Timers timers{clock, alarm};
};

}  // namespace ss::net::test
