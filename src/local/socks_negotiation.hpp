#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "client_request.hpp"
#include "ss/base/address.hpp"
#include "ss/base/secret.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/socks5.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// What a SOCKS5 client asked for.
struct SocksRequest {
  protocol::socks5::Command command = protocol::socks5::Command::connect;
  /// Nothing: the client was refused, with the reply that the RFC names, or is gone. There is nothing left to say to
  /// it.
  std::optional<TargetAddress> target;
  /// Bytes that it sent behind its request already.
  ByteVector early;
};

/// A reply to a request, ready to be sent.
class ReplyBytes {
 public:
  ReplyBytes(protocol::socks5::Reply reply, const Endpoint& bound)
      : length_(protocol::socks5::put_reply(reply, bound, bytes_)) {}
  [[nodiscard]] ConstBytes view() const { return ConstBytes(bytes_).first(length_); }

 private:
  std::array<std::uint8_t, protocol::socks5::kMaxReply> bytes_{};
  std::size_t length_;
};

/// Takes one client through greeting, authentication and request (RFC 1928 sections 3–4, RFC 1929), in any split of
/// reads and pipelined, within `limit` in all.
///
/// @param users  empty: no authentication is asked for.
/// Threads: the worker's.
net::Task<SocksRequest> negotiate_socks(relay::Environment& env, relay::LiveSession& session, net::Stream& client,
                                        const std::vector<SocksUser>& users, SocksCommands commands, Duration limit);

}  // namespace ss::local
