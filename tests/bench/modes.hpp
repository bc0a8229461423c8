#pragma once

#include <cstdint>
#include <string>

#include "client.hpp"

namespace ss::bench {

/// Each mode runs to its end and returns its own figures as the inside of a JSON object.

/// `connections` streams that share `bytes`, sent (up) or received and checked.
std::string run_bulk(Load& load, bool up, unsigned connections, std::uint64_t bytes);
/// Connections that exchange 100 B each way and close, `connections` at a time, until the deadline.
std::string run_short(Load& load, unsigned connections);
/// Messages of 64 B on `connections` streams, one under way on each, until the deadline.
std::string run_ping(Load& load, unsigned connections);
/// Opens `connections` streams, says `ready` on standard output and holds them until standard input ends.
std::string run_idle(Load& load, unsigned connections);

}  // namespace ss::bench
