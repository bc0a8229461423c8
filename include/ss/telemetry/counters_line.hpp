#pragma once

#include <span>
#include <string>

#include "ss/telemetry/counters.hpp"

namespace ss::telemetry {

/// The sums over `workers`, each counter under its name in Counters, in one line: `associations 2, accepted 10, …`;
/// bytes and datagrams as plain numbers. What is written meanwhile may stand in one figure and not yet in another.
/// Threads: any.
std::string counters_line(std::span<const Counters* const> workers);

}  // namespace ss::telemetry
