#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/base/secret.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// One pair of SOCKS5 credentials (RFC 1929).
struct SocksUser {
  std::string name;
  Secret password;
};

/// What a SOCKS5 client asked for.
struct SocksRequest {
  /// Nothing: the client was refused, with the reply that the RFC names, or is gone. There is nothing left to say to
  /// it.
  std::optional<TargetAddress> target;
  /// Bytes that it sent behind its request already.
  ByteVector early;
};

/// Takes one client through greeting, authentication and request (RFC 1928 sections 3–4, RFC 1929), in any split of
/// reads and pipelined, within `limit` in all. CONNECT only: other commands are answered 07.
///
/// @param users  empty: no authentication is asked for.
/// Threads: the worker's.
net::Task<SocksRequest> negotiate_socks(relay::Environment& env, relay::LiveSession& session, net::Stream& client,
                                        const std::vector<SocksUser>& users, Duration limit);

}  // namespace ss::local
