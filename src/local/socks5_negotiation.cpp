#include <array>
#include <optional>
#include <utility>

#include "known_user.hpp"
#include "negotiation.hpp"
#include "ss/protocol/socks5.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;

namespace {

/// Agrees on a method (RFC 1928 section 3) and runs RFC 1929 where there are users.
/// @return  whether the client may go on to its request; otherwise it has been answered and its connection ended.
net::Task<bool> authenticate(Negotiation& client, const std::vector<SocksUser>& users) {
  std::array<std::uint8_t, socks5::kMaxReply> reply{};
  std::optional<Errc> error;
  const std::optional<socks5::Greeting> greeting = co_await client.next(&socks5::parse_greeting, error);
  if (!greeting) co_return false;
  client.consume(greeting->length);
  const bool wanted = users.empty() ? greeting->offers_none : greeting->offers_password;
  const auto method = users.empty() ? socks5::AuthMethod::none : socks5::AuthMethod::password;
  if (!wanted) {
    const std::size_t length = socks5::put_method(socks5::AuthMethod::unacceptable, reply);
    co_await client.refuse(ConstBytes(reply).first(length));
    co_return false;
  }
  if (!client.say(ConstBytes(reply).first(socks5::put_method(method, reply)))) co_return false;
  if (users.empty()) co_return true;

  const std::optional<socks5::PasswordRequest> asked = co_await client.next(&socks5::parse_password_request, error);
  if (!asked && !error) co_return false;
  const bool known = asked && is_known_user(users, asked->username, asked->password);
  const ConstBytes status = ConstBytes(reply).first(socks5::put_password_status(known, reply));
  if (!known) {
    co_await client.refuse(status);
    co_return false;
  }
  client.consume(asked->length);
  co_return client.say(status);
}

/// What a request is answered with before anything is dialled, or nothing where it may be.
std::optional<socks5::Reply> objection(const socks5::Request& request, SocksCommands commands) {
  const bool connects = request.command == static_cast<std::uint8_t>(socks5::Command::connect);
  const bool associates = request.command == static_cast<std::uint8_t>(socks5::Command::udp_associate);
  const bool binds = request.command == static_cast<std::uint8_t>(socks5::Command::bind);
  if (!(connects && commands.connect) && !(associates && commands.udp_associate) && !(binds && commands.bind)) {
    return socks5::Reply::command_not_supported;
  }
  if (connects && request.target.port() == 0) return socks5::Reply::general_failure;
  return std::nullopt;
}

}  // namespace

net::Task<ClientRequest> negotiate_socks5(Negotiation& client, const NegotiationRules& rules) {
  const bool authenticated = co_await authenticate(client, rules.users);
  if (!authenticated) co_return ClientRequest{};

  std::optional<Errc> error;
  std::optional<socks5::Request> request = co_await client.next(&socks5::parse_request, error);
  if (!request && !error) co_return ClientRequest{};
  const std::optional<socks5::Reply> refusal =
      request ? objection(*request, rules.commands) : socks5::reply_for(*error);
  if (refusal) {
    const AnswerBytes reply(ClientProtocol::socks5, *refusal, Endpoint{});
    co_await client.refuse(reply.view());
    co_return ClientRequest{};
  }
  client.consume(request->length);
  co_return ClientRequest{ClientProtocol::socks5, static_cast<socks5::Command>(request->command),
                          std::move(request->target), client.take_rest()};
}

}  // namespace ss::local
