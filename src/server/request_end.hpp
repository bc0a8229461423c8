#pragma once

#include <memory>

#include "admission.hpp"
#include "server_session.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/socks5.hpp"
#include "ss/relay/environment.hpp"

/// How a request ends: relayed, or refused.
namespace ss::server {

/// Tells a marked client that its request has led to `upstream`, and relays between the two to the end.
/// @param bound  what the frame names.
/// @pre  `session` names the client.
net::Task<> relay_to(net::Stream& upstream, relay::Environment& env, const SessionRules& rules,
                     relay::LiveSession& session, net::Stream& client, std::unique_ptr<Admission> admission,
                     Endpoint bound);

/// Tells the client that nothing comes of its request: by a frame where it is marked, else by FIN without a byte, as
/// stock servers do. It may go on sending for a while.
net::Task<> refuse(relay::Environment& env, relay::LiveSession& session, net::Stream& client,
                   std::unique_ptr<Admission> admission, protocol::socks5::Reply reply);

}  // namespace ss::server
