#pragma once

#include <memory>
#include <string>
#include <vector>

#include "socks_negotiation.hpp"
#include "ss/base/address.hpp"
#include "ss/net/dial.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// What every session of one listener shares. Immutable.
/// Owner: the service; outlives every session.
struct SessionRules {
  const protocol::ClientCredentials& credentials;
  TargetAddress server;          ///< the address or name of ss-server
  std::vector<SocksUser> users;  ///< empty: no authentication is asked for
  net::DialOptions dial;
  bool ipv6_first = false;
  Duration handshake_timeout{};
  Duration first_flight{};  ///< how long to wait for the client's first bytes
};

/// Serves one accepted SOCKS5 client to its end: negotiation, dial of ss-server, reply, first flight, relay.
///
/// Standard Shadowsocks does not tell what became of the target, so the reply is true for the way to ss-server only: 00
/// once it is connected, else the cause.
///
/// Threads: the worker's. `env` and `rules` outlive the task.
net::Task<> serve(relay::Environment& env, const SessionRules& rules, std::unique_ptr<net::Stream> client);

}  // namespace ss::local
