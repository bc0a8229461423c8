#pragma once

#include "ss/telemetry/log_throttle.hpp"

namespace ss::relay {

/// Throttles of lines that would otherwise be said once a connection or datagram, by what they are about.
/// Owner: the program; one for the whole process. Threads: any.
struct LogThrottles {
  telemetry::LogThrottle unreachable{std::chrono::seconds(10)};  ///< a server that no connection comes about to
  telemetry::LogThrottle diagnosis{std::chrono::seconds(10)};    ///< a server that was reached and gives no answer
  telemetry::LogThrottle association{std::chrono::seconds(10)};  ///< a UDP association that cannot be had
  telemetry::LogThrottle policy{std::chrono::seconds(1)};        ///< a target that is refused
  telemetry::LogThrottle forgotten{std::chrono::seconds(10)};    ///< a request from before what is remembered
  telemetry::LogThrottle crowd{std::chrono::seconds(10)};        ///< connections above a limit
  telemetry::LogThrottle too_long{std::chrono::seconds(60)};     ///< a datagram longer than its path takes
};

}  // namespace ss::relay
