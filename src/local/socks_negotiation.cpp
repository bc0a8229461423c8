#include "socks_negotiation.hpp"

#include <array>

#include "ss/net/deadline.hpp"
#include "ss/protocol/socks5.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using protocol::Parsed;
using relay::Environment;
using relay::LiveSession;

namespace {

/// More than any message of the negotiation, so a client that pipelines its first payload too is read in few turns.
constexpr std::size_t kReadSize = 4096;

/// One client while it negotiates: what it sent and was not taken yet.
class Negotiation {
 public:
  Negotiation(Environment& env, LiveSession& session, net::Stream& client, Duration limit)
      : env_(env), session_(session), client_(client), limit_(env.timers, client, limit) {}

  /// Reads until the bytes at the front make a message. Nothing: the client is gone or too slow, or `parse` failed, and
  /// then `error` says why. The message may point into the bytes, which stay until `consume`.
  template <class Message>
  net::Task<std::optional<Message>> next(Parsed<Message> (*parse)(ConstBytes), std::optional<Errc>& error) {
    while (!limit_.passed() && !session_.stopping()) {
      Parsed<Message> step = parse(inbox_);
      if (step.ready()) co_return std::move(step.value());
      if (step.failed()) {
        error = step.error();
        break;
      }
      const net::WaitOutcome outcome = co_await limit_.ready(net::Side::read);
      if (outcome == net::WaitOutcome::cancelled) continue;
      const net::IoStatus status = read_some();
      if (status == net::IoStatus::ended || status == net::IoStatus::failed) break;
    }
    co_return std::nullopt;
  }
  void consume(std::size_t n) { inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(n)); }
  ByteVector take_rest() { return std::move(inbox_); }

  bool say(ConstBytes message) { return local::say(client_, message); }
  net::Task<> refuse(ConstBytes message) { return local::refuse(env_, session_, client_, message); }

 private:
  net::IoStatus read_some() {
    const relay::Scratch::Turn turn(env_.scratch);
    const Bytes room = turn.area().first(kReadSize);
    const net::IoResult got = client_.try_read(room);
    inbox_.insert(inbox_.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(got.bytes));
    return got.status;
  }

  Environment& env_;
  LiveSession& session_;
  net::Stream& client_;
  net::Deadline limit_;
  ByteVector inbox_;
};

/// Looks at every user, so that the time taken does not tell which name exists.
bool known_user(const std::vector<SocksUser>& users, ConstBytes name, ConstBytes password) {
  bool known = false;
  for (const SocksUser& user : users) {
    const bool same_name = equal_in_constant_time(bytes_of(user.name), name);
    const bool same_password = equal_in_constant_time(user.password.reveal(), password);
    known |= same_name && same_password;
  }
  return known;
}

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
  const bool known = asked && known_user(users, asked->username, asked->password);
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

net::Task<SocksRequest> negotiate_socks(Environment& env, LiveSession& session, net::Stream& stream,
                                        const std::vector<SocksUser>& users, SocksCommands commands, Duration limit) {
  SocksRequest result;
  Negotiation client(env, session, stream, limit);
  const bool authenticated = co_await authenticate(client, users);
  if (!authenticated) co_return result;

  std::optional<Errc> error;
  std::optional<socks5::Request> request = co_await client.next(&socks5::parse_request, error);
  if (!request && !error) co_return result;
  const std::optional<socks5::Reply> refusal = request ? objection(*request, commands) : socks5::reply_for(*error);
  if (refusal) {
    const ReplyBytes reply(*refusal, Endpoint{});
    co_await client.refuse(reply.view());
    co_return result;
  }
  client.consume(request->length);
  result.command = static_cast<socks5::Command>(request->command);
  result.target = std::move(request->target);
  result.early = client.take_rest();
  co_return result;
}

net::Task<ClientRequest> negotiate(Environment& env, LiveSession& session, net::Stream& stream,
                                   const NegotiationRules& rules, Duration limit) {
  SocksRequest asked = co_await negotiate_socks(env, session, stream, rules.users, rules.commands, limit);
  co_return ClientRequest{ClientProtocol::socks5, asked.command, std::move(asked.target), std::move(asked.early)};
}

}  // namespace ss::local
