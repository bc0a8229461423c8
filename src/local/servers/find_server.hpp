#pragma once

#include <optional>

#include "local_session.hpp"
#include "ss/base/address.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// The address of ss-server, looked up where it is a name; nothing where it has none, or `session` was stopped.
net::Task<std::optional<Endpoint>> find_server(relay::Environment& env, relay::LiveSession& session,
                                               const SessionRules& rules);

}  // namespace ss::local
