#include "operations.hpp"

#include <array>
#include <optional>
#include <utility>

#include "bind_operation.hpp"
#include "request_end.hpp"
#include "speed_stream.hpp"
#include "ss/protocol/pair/operation.hpp"

namespace ss::server {

namespace pair = protocol::pair;
using pair::Operation;
using protocol::socks5::Reply;
using relay::Environment;
using relay::LiveSession;

namespace {

/// How long a client that has its answer may take to end its side.
constexpr Duration kGrace = std::chrono::seconds(5);

/// Answers with a frame and `payload`, and nothing after that.
net::Task<> answer_once(Environment& env, LiveSession& session, net::Stream& client,
                        std::unique_ptr<Admission> admission, ConstBytes payload) {
  admission->answer->send(env, client, {}, payload);
  co_await admission->answer->finish(env, session, client, kGrace);
}

net::Task<> serve_hello(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                        std::unique_ptr<Admission> admission) {
  std::array<std::uint8_t, pair::Hello::kLength> hello;
  pair::put_hello({operations_of(rules, admission->request.user), env.clock.unix_milliseconds()}, hello);
  co_await answer_once(env, session, client, std::move(admission), hello);
}

net::Task<> serve_status(Environment& env, LiveSession& session, net::Stream& client,
                         std::unique_ptr<Admission> admission) {
  std::array<std::uint8_t, pair::Status::kLength> status;
  pair::put_status({}, status);
  co_await answer_once(env, session, client, std::move(admission), status);
}

net::Task<> serve_speed(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                        std::unique_ptr<Admission> admission, SpeedStream::Kind kind) {
  SpeedStream stream(env, kind);
  co_await relay_to(stream, env, rules, session, client, std::move(admission), {});
}

}  // namespace

std::uint16_t operations_of(const SessionRules& rules, std::size_t user) {
  const auto bit = [](Operation operation) -> unsigned { return pair::bit_of(operation); };
  unsigned bits = bit(Operation::hello) | bit(Operation::status);
  if (rules.bind_range(user)) bits |= bit(Operation::bind);
  if (rules.speedtest) {
    bits |= bit(Operation::echo) | bit(Operation::source) | bit(Operation::sink);
  }
  return static_cast<std::uint16_t>(bits);
}

net::Task<> serve_operation(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                            std::unique_ptr<Admission> admission) {
  const std::optional<Operation> operation = pair::operation_of(admission->request.target);
  if (!operation || (operations_of(rules, admission->request.user) & pair::bit_of(*operation)) == 0) {
    return refuse(env, session, client, std::move(admission), Reply::command_not_supported);
  }
  switch (*operation) {
    case Operation::hello:
      return serve_hello(env, rules, session, client, std::move(admission));
    case Operation::bind:
      return serve_bind(env, rules, session, client, std::move(admission));
    case Operation::echo:
      return serve_speed(env, rules, session, client, std::move(admission), SpeedStream::Kind::echo);
    case Operation::source:
      return serve_speed(env, rules, session, client, std::move(admission), SpeedStream::Kind::source);
    case Operation::sink:
      return serve_speed(env, rules, session, client, std::move(admission), SpeedStream::Kind::sink);
    case Operation::status:
      break;
  }
  return serve_status(env, session, client, std::move(admission));
}

}  // namespace ss::server
