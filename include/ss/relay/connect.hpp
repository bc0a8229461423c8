#pragma once

#include <functional>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::relay {

/// Resolves the name in `to`, if it is one, drops the addresses that `allowed` refuses, and dials the rest, all under
/// one deadline each for name and dial. The connection goes to the very addresses that were judged.
///
/// @param allowed  null: every address is.
/// @return  as net::dial; `name_not_found` or `name_failed` where there was no address, `denied` where there was none
/// allowed. Ends early, as `cancelled`, when the session is stopped.
net::Task<net::DialResult> connect(Environment& env, LiveSession& session, const TargetAddress& to,
                                   net::DialOptions options, bool ipv6_first,
                                   std::function<bool(const IpAddress&)> allowed = nullptr);

}  // namespace ss::relay
