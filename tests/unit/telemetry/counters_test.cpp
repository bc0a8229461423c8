#include "ss/telemetry/counters.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ss::telemetry {
namespace {

using Field = std::pair<Counter Counters::*, std::uint64_t Totals::*>;

constexpr std::array<Field, 12> kFields = {{
    {&Counters::accepted, &Totals::accepted},
    {&Counters::open, &Totals::open},
    {&Counters::established, &Totals::established},
    {&Counters::rejected, &Totals::rejected},
    {&Counters::short_first_read, &Totals::short_first_read},
    {&Counters::replays, &Totals::replays},
    {&Counters::denied, &Totals::denied},
    {&Counters::dial_failures, &Totals::dial_failures},
    {&Counters::bytes_up, &Totals::bytes_up},
    {&Counters::bytes_down, &Totals::bytes_down},
    {&Counters::buffered, &Totals::buffered},
    {&Counters::accept_errors, &Totals::accept_errors},
}};

TEST(CountersTotal, AddsEachFigureOfAllWorkers) {
  static_assert(sizeof(Totals) == kFields.size() * sizeof(std::uint64_t), "a figure is missing from this table");
  std::array<Counters, 2> workers;
  std::uint64_t n = 1;
  for (const auto& [counter, total] : kFields) {
    (workers[0].*counter).add(n);
    (workers[1].*counter).add(1000 * n);
    ++n;
  }
  const std::array<const Counters*, 2> all = {&workers[0], &workers[1]};
  const Totals totals = total_of(all);
  n = 1;
  for (const auto& [counter, total] : kFields) EXPECT_EQ(totals.*total, 1001 * n++);
}

TEST(CountersTotal, IsZeroWithoutWorkers) {
  EXPECT_EQ(total_of({}).accepted, 0U);
}

TEST(CounterSub, TakesBack) {
  Counter counter;
  counter.add(5);
  counter.sub(2);
  EXPECT_EQ(counter.read(), 3U);
}

}  // namespace
}  // namespace ss::telemetry
