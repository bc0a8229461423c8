#include "ss/telemetry/counters.hpp"

namespace ss::telemetry {

Totals total_of(std::span<const Counters* const> workers) {
  Totals totals;
  for (const Counters* worker : workers) {
    totals.accepted += worker->accepted.read();
    totals.open += worker->open.read();
    totals.established += worker->established.read();
    totals.rejected += worker->rejected.read();
    totals.short_first_read += worker->short_first_read.read();
    totals.replays += worker->replays.read();
    totals.denied += worker->denied.read();
    totals.dial_failures += worker->dial_failures.read();
    totals.bytes_up += worker->bytes_up.read();
    totals.bytes_down += worker->bytes_down.read();
    totals.buffered += worker->buffered.read();
    totals.accept_errors += worker->accept_errors.read();
  }
  return totals;
}

}  // namespace ss::telemetry
