#include "negotiation.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "http/page.hpp"
#include "http/request.hpp"
#include "known_user.hpp"

namespace ss::local {

namespace {

/// What becomes of a request before anybody is dialled.
struct Verdict {
  std::string page;   ///< what it is answered with; empty: it is served
  bool keep = false;  ///< and the client may ask again
};

/// @param alone  nothing has come behind it.
Verdict judge(const HttpRequest& request, bool alone, const NegotiationRules& rules) {
  if (!rules.users.empty() && !is_known_user(rules.users, request.credentials)) {
    // Behind a request without a body the next one begins, and browsers ask again on the same connection. But what a
    // client sends behind CONNECT before it is answered is for its tunnel, and may be written by anybody.
    const bool keep = request.keep_alive && request.body.done() && (alone || !request.connect);
    return {http_page(407, "this proxy asks for a name and a password", {keep, request.asks_head}), keep};
  }
  if (!rules.commands.connect)
    return {http_page(403, "connections are not served here", {false, request.asks_head}), false};
  return {};
}

}  // namespace

net::Task<ClientRequest> negotiate_http(Negotiation& client, const NegotiationRules& rules) {
  for (;;) {
    HttpRequestStep step = parse_http_request(client.inbox());
    if (std::holds_alternative<protocol::Need>(step)) {
      const bool more = co_await client.read();
      if (!more) co_return ClientRequest{};
      continue;
    }
    Verdict verdict;
    auto* const request = std::get_if<HttpRequest>(&step);
    if (request != nullptr) {
      verdict = judge(*request, client.inbox().size() == request->length, rules);
    } else {
      const HttpRefusal& refusal = std::get<HttpRefusal>(step);
      verdict.page = http_page(refusal.status, refusal.sentence);
    }
    if (!verdict.page.empty() && !verdict.keep) {
      co_await client.refuse(bytes_of(verdict.page));
      co_return ClientRequest{};
    }
    // The head of a plain request is looked at once more by whoever passes it on.
    if (request->connect || verdict.keep) client.consume(request->length);
    if (!verdict.keep) {
      co_return ClientRequest{request->connect ? ClientProtocol::http_tunnel : ClientProtocol::http_plain,
                              protocol::socks5::Command::connect, std::move(request->target), client.take_rest()};
    }
    if (!client.say(bytes_of(verdict.page))) co_return ClientRequest{};
  }
}

}  // namespace ss::local
