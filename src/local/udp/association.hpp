#pragma once

#include "local_session.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/protocol/socks5.hpp"
#include "ss/relay/environment.hpp"
#include "udp/carrier_choice.hpp"

namespace ss::local {

/// Serves one UDP ASSOCIATE (RFC 1928 sections 6 and 7) to its end, which is that of its control connection: opens a
/// socket for the client (client_port.hpp), answers, and has datagrams carried both ways: in packets
/// (packet_carrier.hpp), by UDP over TCP (uot_carrier.hpp), or by what gets through (auto_carrier.hpp).
///
/// @param control  the client's TCP connection, past its request.
/// @param named  DST.ADDR and DST.PORT of the request: where the client will send from, as far as it knows.
/// @param choice  null: packets carry, unless `udp_over_tcp` is on.
/// Threads: the worker's. Everything given outlives the task.
net::Task<> serve_association(relay::Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys,
                              relay::LiveSession& session, net::Stream& control, TargetAddress named,
                              CarrierChoice* choice);

}  // namespace ss::local
