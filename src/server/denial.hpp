#pragma once

#include <string_view>

#include "ss/relay/environment.hpp"

namespace ss::server {

/// Counts a target that policy refuses, and says now and then which rule it was.
/// @param what  was asked for, e.g. `target`
void note_denied(relay::Environment& env, std::string_view what, std::string_view reason);

}  // namespace ss::server
