#include "denial.hpp"

#include <cstdint>
#include <optional>

#include "ss/telemetry/log.hpp"

namespace ss::server {

void note_denied(relay::Environment& env, std::string_view what, std::string_view reason) {
  env.counters.denied.add();
  const std::optional<std::uint64_t> left_out = env.throttles.policy.admit(env.clock.now());
  if (left_out) telemetry::log_info("{} refused: {} ({} more like this)", what, reason, *left_out);
}

}  // namespace ss::server
