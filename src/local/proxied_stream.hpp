#pragma once

#include <optional>

#include "client_request.hpp"
#include "local_session.hpp"
#include "local_worker.hpp"
#include "response_gate.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

class WarmStream;

/// CONNECT, in whichever protocol it was asked for: gets a connection to a server (servers/server_link.hpp), answers,
/// relays to the end.
///
/// What the answer says (`socks5_reply`): where the server is known to be ours, what became of the target; else that
/// the server is connected, or why not. Our own server's addresses for operations are refused.
net::Task<> serve_connect(relay::Environment& env, const LocalWorker& worker, relay::LiveSession& session,
                          net::Stream& client, ClientRequest asked);

/// BIND (RFC 1928 section 4): through a server that is known to be ours, by its operation; else it is not supported.
net::Task<> serve_bind(relay::Environment& env, const LocalWorker& worker, relay::LiveSession& session,
                       net::Stream& client, ClientRequest asked);

/// What a stream through a server begins with.
struct StreamStart {
  TargetAddress target;
  /// The client's first bytes, however many; if there are none, those that it gives now.
  ByteVector early;
  /// The answer that the client gets when the truth is known; nothing: it has one, or awaits none.
  std::optional<OwedAnswer> owed = std::nullopt;
};

/// Opens a stream over a connection to the server of `rules`, with what the client has said so far in the first flight,
/// and relays to its end.
///
/// @param warm  the connection, where it is one; null: it was dialled for this.
/// @pre  `session` names the client's stream, and as upstream the connection.
net::Task<> relay_through(relay::Environment& env, relay::LiveSession& session, const SessionRules& rules,
                          StreamStart start, WarmStream* warm = nullptr);

}  // namespace ss::local
