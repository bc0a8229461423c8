#pragma once

#include <optional>
#include <utility>

#include "client_request.hpp"
#include "ss/net/deadline.hpp"
#include "ss/protocol/outcome.hpp"

namespace ss::local {

/// One client while it negotiates, in any protocol: what it sent and was not taken yet, and the time that it has left.
///
/// Owner: the task that negotiates. Threads: the worker's.
class Negotiation {
 public:
  /// @param inbox  what the client has said already.
  Negotiation(relay::Environment& env, relay::LiveSession& session, net::Stream& client, Duration limit,
              ByteVector inbox = {})
      : env_(env), session_(session), client_(client), limit_(env.timers, client, limit), inbox_(std::move(inbox)) {}

  /// Reads until the bytes at the front make a message. Nothing: the client is gone or too slow, or `parse` failed, and
  /// then `error` says why. The message may point into the bytes, which stay until `consume`.
  template <class Message>
  net::Task<std::optional<Message>> next(protocol::Parsed<Message> (*parse)(ConstBytes), std::optional<Errc>& error) {
    for (;;) {
      protocol::Parsed<Message> step = parse(inbox_);
      if (step.ready()) co_return std::move(step.value());
      if (step.failed()) {
        error = step.error();
        co_return std::nullopt;
      }
      const bool more = co_await read();
      if (!more) co_return std::nullopt;
    }
  }
  /// Waits for more bytes. @return false: the client is gone or too slow, or the session ends.
  net::Task<bool> read();

  [[nodiscard]] ConstBytes inbox() const { return inbox_; }
  void consume(std::size_t n) { inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(n)); }
  ByteVector take_rest() { return std::exchange(inbox_, {}); }

  bool say(ConstBytes message) { return local::say(client_, message); }
  net::Task<> refuse(ConstBytes message) { return local::refuse(env_, session_, client_, message); }

 private:
  net::IoStatus read_some();

  relay::Environment& env_;
  relay::LiveSession& session_;
  net::Stream& client_;
  net::Deadline limit_;
  ByteVector inbox_;
};

/// Takes a client from its first byte to its request; refuses it where there is none. Nothing: as ClientRequest.
net::Task<ClientRequest> negotiate_socks5(Negotiation& client, const NegotiationRules& rules);
net::Task<ClientRequest> negotiate_socks4(Negotiation& client, const NegotiationRules& rules);
net::Task<ClientRequest> negotiate_http(Negotiation& client, const NegotiationRules& rules);

}  // namespace ss::local
