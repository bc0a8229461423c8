#pragma once

#include "ss/base/clock.hpp"
#include "ss/net/deadline.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::relay {

/// Reads and discards through the worker's scratch until the peer's FIN, an error, the limit, or the session is
/// stopped.
/// @param limit  a limit on `stream`; may run already.
/// @return  whether the peer ended (FIN or error) first.
net::Task<bool> discard_until(Environment& env, LiveSession& session, net::Stream& stream, net::Deadline& limit);

/// Ends a connection towards a peer that may still be sending: FIN, then discard for at most `grace`, so that what we
/// said last is not destroyed by the reset that a close with unread bytes would send.
net::Task<> finish_and_drain(Environment& env, LiveSession& session, net::Stream& stream, Duration grace);

}  // namespace ss::relay
