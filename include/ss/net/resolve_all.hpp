#pragma once

#include <string>

#include "ss/net/dial_control.hpp"
#include "ss/net/resolver.hpp"
#include "ss/net/task.hpp"
#include "ss/net/timers.hpp"

namespace ss::net {

struct ResolveOptions {
  bool v4 = true;
  bool v6 = true;
  Duration resolution_delay = std::chrono::milliseconds(50);  ///< how long one family's addresses wait for the other's
};

/// Asks for both families at once. As soon as one has addresses, the other gets `resolution_delay` more (RFC 8305,
/// section 3).
///
/// @param control  may be null; after its `cancel` the status is `failed`.
/// @return `found` with the IPv6 addresses first (dial's `interleave` orders them); else why there are none:
/// `not_found` only
///         where no family failed otherwise.
Task<ResolveAnswer> resolve_all(Resolver& resolver, Timers& timers, std::string name, ResolveOptions options = {},
                                DialControl* control = nullptr);

}  // namespace ss::net
