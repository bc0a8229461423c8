#pragma once

#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/pump.hpp"

namespace ss::relay {

/// Runs both directions of a session to their ends.
///
/// Each direction ends by itself: a FIN goes on as a FIN after the last byte, and the other direction carries on. What
/// ended badly on one connection ends as a reset on the other, once everything passed on before has been acknowledged
/// there (at most 5 s), so that the reset destroys nothing (docs/decisions/0011). A session that is stopped ends as a
/// reset on both, likewise: what it leaves unfinished must not look finished.
///
/// @pre  `session` names both streams; they and the pumps outlive the task.
/// Afterwards nothing waits on either stream, and both may be destroyed.
net::Task<> relay_tcp(Environment& env, LiveSession& session, net::Stream& client, net::Stream& upstream, Pump& up,
                      Pump& down);

}  // namespace ss::relay
