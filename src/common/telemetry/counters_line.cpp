#include "ss/telemetry/counters_line.hpp"

#include <fmt/core.h>

#include <array>
#include <string_view>

namespace ss::telemetry {

namespace {

struct Figure {
  std::string_view name;
  Counter Counters::*counter;
};

// What is there now comes first, then what has happened since the start, in the order of Counters.
constexpr std::array kFigures = {
    Figure{"associations", &Counters::associations},
    Figure{"connections", &Counters::connections},
    Figure{"unauthenticated", &Counters::unauthenticated},
    Figure{"accepted", &Counters::accepted},
    Figure{"turned_away", &Counters::turned_away},
    Figure{"established", &Counters::established},
    Figure{"rejected", &Counters::rejected},
    Figure{"short_first_read", &Counters::short_first_read},
    Figure{"replays", &Counters::replays},
    Figure{"forgotten_stamps", &Counters::forgotten_stamps},
    Figure{"denied", &Counters::denied},
    Figure{"dial_failures", &Counters::dial_failures},
    Figure{"names_refused", &Counters::names_refused},
    Figure{"bytes_up", &Counters::bytes_up},
    Figure{"bytes_down", &Counters::bytes_down},
    Figure{"accept_errors", &Counters::accept_errors},
    Figure{"packets_refused", &Counters::packets_refused},
    Figure{"packets_replayed", &Counters::packets_replayed},
    Figure{"packets_up", &Counters::packets_up},
    Figure{"packets_down", &Counters::packets_down},
    Figure{"packets_dropped", &Counters::packets_dropped},
    Figure{"packets_too_long", &Counters::packets_too_long},
};

}  // namespace

std::string counters_line(std::span<const Counters* const> workers) {
  std::string line;
  for (const Figure& figure : kFigures) {
    std::uint64_t sum = 0;
    for (const Counters* counters : workers) sum += (counters->*figure.counter).read();
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", figure.name, sum);
  }
  return line;
}

}  // namespace ss::telemetry
