#include "http/session.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "http/page.hpp"
#include "http/stream.hpp"
#include "negotiation.hpp"
#include "ss/net/deadline.hpp"
#include "ss/protocol/client_handshake.hpp"

namespace ss::local {

using relay::Environment;
using relay::LiveSession;
using Outcome = HttpStream::Outcome;

namespace {

/// Runs one upstream, from the request at the front of the inbox until the client wants another one or is done.
/// @param asked_head  whether the last request was HEAD.
net::Task<Outcome> serve_target(Environment& env, const HttpRules& rules, HttpClient& client, HttpRequest request,
                                bool& asked_head) {
  // The end of an upstream is not the end of the client's connection.
  LiveSession session(env.sessions);
  session.admitted();
  HttpStream stream(env, client, std::move(request), {rules.negotiation.idle, rules.head_timeout});
  session.client = &stream;
  ClientRequest asked;
  asked.protocol = ClientProtocol::http_plain;
  asked.target = stream.target();
  asked.early = stream.take_first(protocol::ClientHandshake::kMaxFirstPayload);
  co_await rules.connect(session, stream, std::move(asked));
  asked_head = stream.asked_head();
  co_return stream.finish();
}

/// Waits for the next request of a client whose last one was answered.
net::Task<ClientRequest> await_next(Environment& env, const HttpRules& rules, LiveSession& session,
                                    HttpClient& client) {
  if (client.inbox.empty()) {
    if (client.ended) co_return ClientRequest{};
    net::Deadline idle(env.timers, client.stream, rules.negotiation.idle);
    const net::WaitOutcome outcome = co_await idle.ready(net::Side::read);
    if (outcome == net::WaitOutcome::cancelled) co_return ClientRequest{};
  }
  Negotiation negotiation(env, session, client.stream, rules.head_timeout, std::exchange(client.inbox, {}));
  ClientRequest asked = co_await negotiate_http(negotiation, rules.negotiation);
  co_return asked;
}

/// Ends the connection of a client, as the outcome of its last request asks for.
net::Task<> end_client(Environment& env, LiveSession& session, net::Stream& client, Outcome outcome, bool asked_head) {
  if (outcome == Outcome::cut) {
    client.reset();
    co_return;
  }
  std::string page;
  if (outcome == Outcome::unanswered) {
    page = http_page(502, "the connection ended before the target had answered", {false, asked_head});
  }
  if (outcome == Outcome::spoiled) page = http_page(400, "the body of the request is malformed");
  co_await refuse(env, session, client, bytes_of(page));
}

}  // namespace

net::Task<> serve_http(Environment& env, HttpRules rules, LiveSession& session, net::Stream& stream,
                       ClientRequest asked) {
  HttpClient client{stream, rules.negotiation, {}};
  while (asked.target && !session.stopping()) {
    if (asked.protocol == ClientProtocol::http_tunnel) {
      co_await rules.connect(session, stream, std::move(asked));
      co_return;
    }
    client.inbox = std::move(asked.early);
    HttpRequestStep step = parse_http_request(client.inbox);
    auto* const request = std::get_if<HttpRequest>(&step);
    if (request == nullptr) co_return;
    bool asked_head = false;
    const Outcome outcome = co_await serve_target(env, rules, client, std::move(*request), asked_head);
    if (session.stopping()) co_return;
    if (outcome != Outcome::goes_on && outcome != Outcome::stale) {
      co_await end_client(env, session, stream, outcome, asked_head);
      co_return;
    }
    asked = co_await await_next(env, rules, session, client);
  }
}

}  // namespace ss::local
