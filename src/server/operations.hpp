#pragma once

#include <memory>

#include "admission.hpp"
#include "server_session.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::server {

/// The operations that a user is served, as bits of protocol::pair::Operation.
std::uint16_t operations_of(const SessionRules& rules, std::size_t user);

/// Serves a marked request that asks for an operation of the server itself; one that there is not, or that this user is
/// not served, gets REP 07.
/// @pre  admission->answer; its target is reserved. `session` names the client.
net::Task<> serve_operation(relay::Environment& env, const SessionRules& rules, relay::LiveSession& session,
                            net::Stream& client, std::unique_ptr<Admission> admission);

}  // namespace ss::server
