#include "proxied_stream.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "servers/greeting.hpp"
#include "servers/server_link.hpp"
#include "servers/warm_stream.hpp"
#include "ss/net/deadline.hpp"
#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/client_handshake.hpp"
#include "ss/protocol/pair/operation.hpp"
#include "ss/relay/pump.hpp"
#include "ss/relay/reply.hpp"
#include "ss/relay/tcp_relay.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using protocol::ClientHandshake;
using relay::Environment;
using relay::LiveSession;

namespace {

struct FirstFlight {
  ByteVector unsent;      ///< what the server did not take of it
  std::size_t early = 0;  ///< how much of the client's first bytes it holds
  bool has_payload = false;
};

/// Sends salt, headers and what the client has said so far in one write.
/// @return  nothing where the server's connection failed.
std::optional<FirstFlight> send_first_flight(Environment& env, LiveSession& session, ClientHandshake& handshake,
                                             Server& server, const StreamStart& start, WarmStream* warm) {
  const relay::Scratch::Turn turn(env.scratch);
  const Bytes payload = turn.area().first(ClientHandshake::kMaxFirstPayload);
  const Bytes flight = turn.area().subspan(payload.size(), ClientHandshake::kMaxFirstFlight);
  const ConstBytes early = ConstBytes(start.early).first(std::min(start.early.size(), payload.size()));
  std::copy(early.begin(), early.end(), payload.begin());
  std::size_t length = early.size();
  // Nothing read here means no payload yet; an end or an error shows again at the pump's first read.
  if (length == 0) length = session.client->try_read(payload).bytes;
  env.counters.bytes_up.add(length);
  const UnixSeconds now = server.clock().now(env.clock);
  const std::size_t size = handshake.first_flight(start.target, payload.first(length), now, flight);
  const bool repeatable = length == 0 || server.credentials().method().is_2022();
  const net::IoResult sent =
      warm ? warm->send_first(flight.first(size), repeatable) : session.upstream->try_write(flight.first(size));
  if (sent.status == net::IoStatus::failed) return std::nullopt;
  const ConstBytes rest = flight.subspan(sent.bytes, size - sent.bytes);
  return FirstFlight{ByteVector(rest.begin(), rest.end()), early.size(), length > 0};
}

/// Waits a little for the client's first bytes, so that they ride in the first flight; a server-first protocol has none
/// to wait for.
net::Task<> await_first_bytes(Environment& env, net::Stream& client, Duration limit) {
  net::Deadline deadline(env.timers, client, limit);
  co_await deadline.ready(net::Side::read);
}

/// Whether the client is answered before anything is known of its target.
bool answers_at_once(const SessionRules& rules) {
  if (rules.reply == config::Socks5Reply::optimistic) return true;
  if (rules.extension && rules.server.kind() == Kind::ours) return false;
  if (rules.extension && rules.server.kind() == Kind::unknown && rules.reply == config::Socks5Reply::confirmed)
    return false;
  return rules.reply_wait == Duration::zero();
}

net::Task<> refuse_client(Environment& env, LiveSession& session, net::Stream& client, ClientProtocol protocol,
                          socks5::Reply reply, bool timed_out = false, std::string_view why = {}) {
  const AnswerBytes failure(protocol, reply, Endpoint{}, timed_out, why);
  co_await refuse(env, session, client, failure.view());
}

/// A connection to a server for this client; without one, the client has been told why.
net::Task<ServerLink> reach_server(Environment& env, const LocalWorker& worker, LiveSession& session,
                                   net::Stream& client, const ClientRequest& asked, ServerFits fits = nullptr) {
  ServerLink link = co_await link_to_server(env, session, worker, *asked.target, fits);
  session.upstream = link.stream.get();
  if (!link.lane) {
    co_await refuse_client(env, session, client, asked.protocol, socks5::Reply::command_not_supported);
  } else if (!link.stream) {
    const bool timed_out = link.cause == net::DialCause::timed_out;
    const std::string why = "the Shadowsocks server cannot be reached: " + std::string(net::name_of(link.cause));
    co_await refuse_client(env, session, client, asked.protocol, relay::reply_for(link.cause), timed_out, why);
  }
  co_return link;
}

/// Relays over `link`. Not a coroutine, so that it costs no frame.
net::Task<> relay_over(ServerLink& link, Environment& env, const LocalWorker& worker, LiveSession& session,
                       StreamStart start) {
  WarmStream* warm = nullptr;
  if (link.warm) {
    auto stream = std::make_unique<WarmStream>(env, session, worker, *link.lane, std::move(link.stream));
    session.upstream = warm = stream.get();
    link.stream = std::move(stream);
  }
  return relay_through(env, session, link.lane->rules, std::move(start), warm);
}

}  // namespace

net::Task<> serve_connect(Environment& env, const LocalWorker& worker, LiveSession& session, net::Stream& client,
                          ClientRequest asked) {
  if (protocol::pair::is_reserved(*asked.target)) {
    co_await refuse_client(env, session, client, asked.protocol, socks5::Reply::not_allowed);
    co_return;
  }
  ServerLink link = co_await reach_server(env, worker, session, client, asked);
  if (!link.stream) co_return;
  StreamStart start{std::move(*asked.target), std::move(asked.early)};
  const SessionRules& rules = link.lane->rules;
  if (answers_at_once(rules)) {
    const AnswerBytes success(asked.protocol, socks5::Reply::succeeded, link.bound);
    if (!say(client, success.view())) co_return;
    if (start.early.empty()) co_await await_first_bytes(env, client, rules.first_flight);
    if (!is_open(link)) {
      // It ended while the client was waited for, and nothing was sent on it.
      session.upstream = nullptr;
      link = co_await link_to_server(env, session, worker, start.target);
      session.upstream = link.stream.get();
      if (!link.stream) co_return client.reset();
    }
  } else {
    start.owed.emplace(OwedAnswer{asked.protocol, link.bound});
  }
  co_await relay_over(link, env, worker, session, std::move(start));
}

net::Task<> serve_bind(Environment& env, const LocalWorker& worker, LiveSession& session, net::Stream& client,
                       ClientRequest asked) {
  // Nobody but ours may be asked, so the client waits where that is not known yet.
  co_await find_ours(env, session, worker);
  if (session.stopping()) co_return;
  const ServerFits ours = [](const Server& server) { return server.kind() == Kind::ours; };
  ServerLink link = co_await reach_server(env, worker, session, client, asked, ours);
  if (!link.stream) co_return;
  ByteVector payload(protocol::kMaxAddressLength);
  payload.resize(protocol::put_address(*asked.target, payload));
  payload.insert(payload.end(), asked.early.begin(), asked.early.end());
  StreamStart start{protocol::pair::target_of(protocol::pair::Operation::bind), std::move(payload)};
  start.owed.emplace(OwedAnswer{asked.protocol, Endpoint{}, true});
  co_await relay_over(link, env, worker, session, std::move(start));
}

net::Task<> relay_through(Environment& env, LiveSession& session, const SessionRules& rules, StreamStart start,
                          WarmStream* warm) {
  Server& server = rules.server;
  net::Stream& client = *session.client;
  net::Stream& connection = *session.upstream;
  auto handshake = std::make_unique<ClientHandshake>(server.credentials(), env.keys, env.entropy, rules.extension);
  const std::optional<FirstFlight> flight = send_first_flight(env, session, *handshake, server, start, warm);
  if (!flight) {
    if (!start.owed) co_return client.reset();
    co_await refuse_client(env, session, client, start.owed->protocol, socks5::Reply::host_unreachable);
    co_return;
  }
  const ResponseGate::Request request{rules.extension, flight->has_payload, rules.reply_wait, warm};
  auto gate = std::make_unique<ResponseGate>(env, session, server, client, request, start.owed);
  relay::SealPump up(env, session, client, connection, env.counters.bytes_up, handshake->take_encoder(), flight->unsent,
                     ConstBytes(start.early).subspan(flight->early));
  start.early = {};
  relay::OpenPump down(env, session, connection, client, env.counters.bytes_down, handshake->take_decoder(),
                       std::move(gate));
  handshake.reset();
  co_await relay::relay_tcp(env, session, client, connection, up, down);
}

}  // namespace ss::local
