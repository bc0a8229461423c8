#pragma once

#include <memory>

#include "admission.hpp"
#include "server_session.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::server {

/// How long a peer is waited for.
inline constexpr Duration kBindWait = std::chrono::seconds(60);

/// RFC 1928 BIND: listens at the address that the client reached us on, at a free port of its range, and says where by
/// the first frame; says by the second who has come; relays between the two.
///
/// The payload of the request begins with the expected peer: an IP address whose port is not looked at, or 0.0.0.0 or
/// :: for anybody. Whom policy would not let us connect to may not connect to us either.
/// The first frame is REP 02 where the peer is denied, 08 where it is a name or of the other family, 01 where there is
/// no address, no free port is found, or the user waits for BindCounts::kMost peers already; the second REP 04 where
/// nobody has come within kBindWait.
///
/// @pre  admission->answer; the user has a range. `session` names the client.
net::Task<> serve_bind(relay::Environment& env, const SessionRules& rules, relay::LiveSession& session,
                       net::Stream& client, std::unique_ptr<Admission> admission);

}  // namespace ss::server
