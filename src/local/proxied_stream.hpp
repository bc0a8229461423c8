#pragma once

#include <memory>

#include "local_session.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// One line for many clients: with the server away every connection of a browser comes by here.
void warn_unreachable(relay::Environment& env, net::DialCause cause);

/// Opens a stream to `target` over a connection to ss-server, with what the client has said so far in the first flight,
/// and relays to its end.
///
/// @param early  its first bytes, at most ClientHandshake::kMaxFirstPayload; if there are none, those that it gives
/// now.
/// @pre  `session` names both streams.
net::Task<> relay_through(net::Stream& server, relay::Environment& env, const SessionRules& rules,
                          relay::LiveSession& session, net::Stream& client, TargetAddress target, ByteVector early);

}  // namespace ss::local
