#pragma once

#include "local_session.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/protocol/socks5.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// Serves one UDP ASSOCIATE (RFC 1928 sections 6 and 7) to its end, which is that of its control connection: opens a
/// socket for the client (client_port.hpp) and one to ss-server, answers, and relays datagrams both ways. With
/// `udp_over_tcp` it is a TCP connection to ss-server that carries them (uot_carrier.hpp).
///
/// @param control  the client's TCP connection, past its request.
/// @param named  DST.ADDR and DST.PORT of the request: where the client will send from, as far as it knows.
/// Threads: the worker's. Everything given outlives the task.
net::Task<> serve_association(relay::Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys,
                              relay::LiveSession& session, net::Stream& control, TargetAddress named);

}  // namespace ss::local
