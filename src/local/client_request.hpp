#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/secret.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/protocol/socks5.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// What a client speaks, by which it is answered too.
enum class ClientProtocol : std::uint8_t {
  socks5,
  socks4,       ///< SOCKS4 and 4a
  http_tunnel,  ///< CONNECT
  http_plain,   ///< any other method, with the target in absolute form
};

/// One pair of credentials (RFC 1929, HTTP Basic).
struct SocksUser {
  std::string name;
  Secret password;
};

/// Which commands are served; the others are answered 07.
struct SocksCommands {
  bool connect = true;
  bool udp_associate = true;
  bool bind = false;
};

/// What one listener takes from its clients. Immutable.
struct NegotiationRules {
  std::vector<SocksUser> users;  ///< empty: no authentication is asked for
  SocksCommands commands;
  bool socks = true;  ///< SOCKS5 and SOCKS4
  bool http = true;
  Duration idle = std::chrono::seconds(300);  ///< how long a kept HTTP connection may wait for its next request
};

/// What a client asked for.
struct ClientRequest {
  ClientProtocol protocol = ClientProtocol::socks5;
  protocol::socks5::Command command = protocol::socks5::Command::connect;
  /// Nothing: the client was refused, in its own protocol, or is gone. There is nothing left to say to it.
  std::optional<TargetAddress> target;
  /// Bytes that it sent behind its request already. `http_plain`: from the head of its request on.
  ByteVector early;
};

/// What became of a request, in the words of the client's protocol, ready to be sent.
///
/// SOCKS5: a reply. SOCKS4: 5A or 5B. HTTP: an error page of one sentence, `Connection: close`; the success of a tunnel
/// is a 200, that of a plain request nothing: the target's answer comes in its place.
class AnswerBytes {
 public:
  /// @param bound  what SOCKS5 names with success.
  /// @param timed_out  SOCKS5 has one reply for a target that is not reached and one that does not answer; HTTP has
  /// two.
  /// @param why  one sentence for an error page, without a full stop; empty: that of `reply`.
  AnswerBytes(ClientProtocol protocol, protocol::socks5::Reply reply, const Endpoint& bound, bool timed_out = false,
              std::string_view why = {});
  /// May be empty.
  [[nodiscard]] ConstBytes view() const { return text_.empty() ? ConstBytes(bytes_).first(length_) : bytes_of(text_); }

 private:
  std::array<std::uint8_t, protocol::socks5::kMaxReply> bytes_{};
  std::uint8_t length_ = 0;
  std::string text_;
};

/// Sends one whole message; an empty one needs nothing. @return false: the client does not take these few bytes, so it
/// is not there.
bool say(net::Stream& client, ConstBytes message);

/// Sends the last message, then ends the connection so that the client gets to read it (RFC 1928 section 6: within 10
/// s).
/// @param message  lives until the task has ended.
net::Task<> refuse(relay::Environment& env, relay::LiveSession& session, net::Stream& client, ConstBytes message);

/// Takes one client from its first byte to its request, in any split of reads and pipelined, within `limit` in all. The
/// first byte says which protocol it speaks.
///
/// Threads: the worker's. `rules` outlive the task.
net::Task<ClientRequest> negotiate(relay::Environment& env, relay::LiveSession& session, net::Stream& client,
                                   const NegotiationRules& rules, Duration limit);

}  // namespace ss::local
