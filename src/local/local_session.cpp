#include "local_session.hpp"

#include <algorithm>
#include <optional>

#include "ss/net/deadline.hpp"
#include "ss/protocol/client_handshake.hpp"
#include "ss/relay/connect.hpp"
#include "ss/relay/pump.hpp"
#include "ss/relay/reply.hpp"
#include "ss/relay/tcp_relay.hpp"
#include "ss/telemetry/log.hpp"
#include "udp_association.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using protocol::ClientHandshake;
using relay::Environment;
using relay::LiveSession;

namespace {

/// Waits a little for the client's first bytes, so that they ride in the first flight; a server-first protocol has none
/// to wait for.
net::Task<> await_first_bytes(Environment& env, net::Stream& client, Duration limit) {
  net::Deadline deadline(env.timers, client, limit);
  co_await deadline.ready(net::Side::read);
}

/// Sends salt, headers and what the client has said so far in one write.
/// @return  what the server did not take of it; or nothing where its connection failed.
std::optional<ByteVector> send_first_flight(Environment& env, ClientHandshake& handshake, const TargetAddress& target,
                                            net::Stream& client, net::Stream& server, ConstBytes early) {
  const relay::Scratch::Turn turn(env.scratch);
  const Bytes payload = turn.area().first(ClientHandshake::kMaxFirstPayload);
  const Bytes flight = turn.area().subspan(payload.size(), ClientHandshake::kMaxFirstFlight);
  SS_ASSERT(early.size() <= payload.size());
  std::copy(early.begin(), early.end(), payload.begin());
  std::size_t length = early.size();
  // Nothing read here means no payload yet; an end or an error shows again at the pump's first read.
  if (length == 0) length = client.try_read(payload).bytes;
  env.counters.bytes_up.add(length);
  const std::size_t size = handshake.first_flight(target, payload.first(length), env.clock.unix_now(), flight);
  const net::IoResult sent = server.try_write(flight.first(size));
  if (sent.status == net::IoStatus::failed) return std::nullopt;
  const ConstBytes rest = flight.subspan(sent.bytes, size - sent.bytes);
  return ByteVector(rest.begin(), rest.end());
}

/// One line for many clients: with the server away every connection of a browser comes by here.
void warn_unreachable(Environment& env, net::DialCause cause) {
  const std::optional<std::uint64_t> left_out = env.dial_log.admit(env.clock.now());
  if (left_out)
    telemetry::log_warn("the server cannot be reached: {} ({} more like this)", net::name_of(cause), *left_out);
}

/// CONNECT, from the dial on.
net::Task<> connect(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                    SocksRequest asked) {
  const net::DialResult server = co_await relay::connect(env, session, rules.server, rules.dial, rules.ipv6_first);
  if (!server.stream) {
    env.counters.dial_failures.add();
    warn_unreachable(env, server.cause);
    const ReplyBytes failure(relay::reply_for(server.cause), Endpoint{});
    co_await refuse(env, session, client, failure.view());
    co_return;
  }
  session.upstream = server.stream.get();
  const ReplyBytes success(socks5::Reply::succeeded, server.bound);
  if (!say(client, success.view())) co_return;
  if (asked.early.empty()) co_await await_first_bytes(env, client, rules.first_flight);

  auto handshake = std::make_unique<ClientHandshake>(rules.credentials, env.keys, env.entropy);
  const std::optional<ByteVector> leftover =
      send_first_flight(env, *handshake, *asked.target, client, *server.stream, asked.early);
  if (!leftover) {
    client.reset();
    co_return;
  }
  relay::SealPump up(env, session, client, *server.stream, env.counters.bytes_up, handshake->take_encoder(), *leftover);
  relay::OpenPump down(env, session, *server.stream, client, env.counters.bytes_down, handshake->take_decoder());
  handshake.reset();
  co_await relay::relay_tcp(env, session, client, *server.stream, up, down);
}

}  // namespace

net::Task<> serve(Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys,
                  std::unique_ptr<net::Stream> client) {
  LiveSession session(env.sessions);
  session.client = client.get();
  SocksRequest asked =
      co_await negotiate_socks(env, session, *client, rules.users, rules.commands, rules.handshake_timeout);
  if (!asked.target || session.stopping()) co_return;
  session.admitted();
  if (asked.command == socks5::Command::udp_associate) {
    co_await serve_association(env, rules, keys, session, *client, std::move(*asked.target));
  } else {
    co_await connect(env, rules, session, *client, std::move(asked));
  }
}

}  // namespace ss::local
