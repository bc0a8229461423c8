#include "ss/relay/too_long.hpp"

#include <optional>

#include "ss/telemetry/log.hpp"

namespace ss::relay {

void note_too_long(Environment& env, std::size_t count, std::size_t bytes, std::size_t fits) {
  env.counters.packets_too_long.add(count);
  const std::optional<std::uint64_t> left_out = env.throttles.too_long.admit(env.clock.now());
  if (!left_out) return;
  if (fits == 0) {
    telemetry::log_warn("a datagram of {} bytes is too long for its path ({} more like this)", bytes, *left_out);
  } else {
    telemetry::log_warn("a datagram of {} bytes is too long: up to {} would fit ({} more like this)", bytes, fits,
                        *left_out);
  }
}

}  // namespace ss::relay
