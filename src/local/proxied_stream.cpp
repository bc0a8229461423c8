#include "proxied_stream.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "greeting.hpp"
#include "server_link.hpp"
#include "ss/net/deadline.hpp"
#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/client_handshake.hpp"
#include "ss/protocol/pair/operation.hpp"
#include "ss/relay/pump.hpp"
#include "ss/relay/reply.hpp"
#include "ss/relay/tcp_relay.hpp"
#include "ss/telemetry/log.hpp"
#include "warm_stream.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using protocol::ClientHandshake;
using relay::Environment;
using relay::LiveSession;

namespace {

struct FirstFlight {
  ByteVector unsent;  ///< what the server did not take of it
  bool has_payload = false;
};

/// The connection that a first flight is written to.
struct ServerEnd {
  Server& server;
  net::Stream& stream;
  WarmStream* warm;  ///< the same; null where it was dialled for this client
};

/// Sends salt, headers and what the client has said so far in one write.
/// @return  nothing where the server's connection failed.
std::optional<FirstFlight> send_first_flight(Environment& env, ClientHandshake& handshake, const TargetAddress& target,
                                             net::Stream& client, const ServerEnd& to, ConstBytes early) {
  const relay::Scratch::Turn turn(env.scratch);
  const Bytes payload = turn.area().first(ClientHandshake::kMaxFirstPayload);
  const Bytes flight = turn.area().subspan(payload.size(), ClientHandshake::kMaxFirstFlight);
  SS_ASSERT(early.size() <= payload.size());
  std::copy(early.begin(), early.end(), payload.begin());
  std::size_t length = early.size();
  // Nothing read here means no payload yet; an end or an error shows again at the pump's first read.
  if (length == 0) length = client.try_read(payload).bytes;
  env.counters.bytes_up.add(length);
  const UnixSeconds now = to.server.clock().now(env.clock);
  const std::size_t size = handshake.first_flight(target, payload.first(length), now, flight);
  const bool repeatable = length == 0 || to.server.credentials().method().is_2022();
  const net::IoResult sent =
      to.warm ? to.warm->send_first(flight.first(size), repeatable) : to.stream.try_write(flight.first(size));
  if (sent.status == net::IoStatus::failed) return std::nullopt;
  const ConstBytes rest = flight.subspan(sent.bytes, size - sent.bytes);
  return FirstFlight{ByteVector(rest.begin(), rest.end()), length > 0};
}

/// Waits a little for the client's first bytes, so that they ride in the first flight; a server-first protocol has none
/// to wait for.
net::Task<> await_first_bytes(Environment& env, net::Stream& client, Duration limit) {
  net::Deadline deadline(env.timers, client, limit);
  co_await deadline.ready(net::Side::read);
}

/// Whether the client is answered before anything is known of its target.
bool answers_at_once(const SessionRules& rules, const Server& server) {
  if (rules.reply == config::Socks5Reply::optimistic) return true;
  if (rules.extension && server.kind() == Kind::ours) return false;
  if (rules.extension && server.kind() == Kind::unknown && rules.reply == config::Socks5Reply::confirmed) return false;
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
  if (!link.server) {
    co_await refuse_client(env, session, client, asked.protocol, socks5::Reply::command_not_supported);
  } else if (!link.stream) {
    const bool timed_out = link.cause == net::DialCause::timed_out;
    const std::string why = "the Shadowsocks server cannot be reached: " + std::string(net::name_of(link.cause));
    co_await refuse_client(env, session, client, asked.protocol, relay::reply_for(link.cause), timed_out, why);
  }
  co_return link;
}

/// Relays over `link`. Not a coroutine, so that it costs no frame.
net::Task<> relay_over(ServerLink& link, Environment& env, LiveSession& session, net::Stream& client,
                       TargetAddress target, ByteVector early, std::optional<OwedAnswer> owed) {
  WarmStream* warm = nullptr;
  if (link.warm) {
    auto stream = std::make_unique<WarmStream>(env, session, link.lane->rules, std::move(link.stream));
    session.upstream = warm = stream.get();
    link.stream = std::move(stream);
  }
  return relay_through(*link.stream, env, link.lane->rules, *link.server, session, client, std::move(target),
                       std::move(early), owed, warm);
}

}  // namespace

void warn_unreachable(Environment& env, const Server& server, net::DialCause cause) {
  const std::optional<std::uint64_t> left_out = env.dial_log.admit(env.clock.now());
  if (left_out) {
    telemetry::log_warn("the server {} cannot be reached: {} ({} more like this)", server.name(), net::name_of(cause),
                        *left_out);
  }
}

net::Task<> serve_connect(Environment& env, const LocalWorker& worker, LiveSession& session, net::Stream& client,
                          ClientRequest asked) {
  if (protocol::pair::is_reserved(*asked.target)) {
    co_await refuse_client(env, session, client, asked.protocol, socks5::Reply::not_allowed);
    co_return;
  }
  ServerLink link = co_await reach_server(env, worker, session, client, asked);
  if (!link.stream) co_return;
  std::optional<OwedAnswer> owed;
  owed.emplace(OwedAnswer{asked.protocol, link.bound});
  const SessionRules& rules = link.lane->rules;
  if (answers_at_once(rules, *link.server)) {
    owed.reset();
    const AnswerBytes success(asked.protocol, socks5::Reply::succeeded, link.bound);
    if (!say(client, success.view())) co_return;
    if (asked.early.empty()) co_await await_first_bytes(env, client, rules.first_flight);
    if (!is_open(link)) {
      // It ended while the client was waited for, and nothing was sent on it.
      session.upstream = nullptr;
      link = co_await link_to_server(env, session, worker, *asked.target);
      session.upstream = link.stream.get();
      if (!link.stream) co_return client.reset();
    }
  }
  co_await relay_over(link, env, session, client, std::move(*asked.target), std::move(asked.early), owed);
}

net::Task<> serve_bind(Environment& env, const LocalWorker& worker, LiveSession& session, net::Stream& client,
                       ClientRequest asked) {
  // Nobody but ours may be asked, so the client waits where that is not known yet.
  for (const ServerLane& lane : worker.lanes) {
    if (lane.rules.extension && lane.rules.server.kind() == Kind::unknown) co_await greet(env, lane.rules);
  }
  if (session.stopping()) co_return;
  const ServerFits ours = [](const Server& server) { return server.kind() == Kind::ours; };
  ServerLink link = co_await reach_server(env, worker, session, client, asked, ours);
  if (!link.stream) co_return;
  ByteVector payload(protocol::kMaxAddressLength);
  payload.resize(protocol::put_address(*asked.target, payload));
  payload.insert(payload.end(), asked.early.begin(), asked.early.end());
  std::optional<OwedAnswer> owed;
  owed.emplace(OwedAnswer{asked.protocol, Endpoint{}, true});
  co_await relay_over(link, env, session, client, protocol::pair::target_of(protocol::pair::Operation::bind),
                      std::move(payload), owed);
}

net::Task<> relay_through(net::Stream& connection, Environment& env, const SessionRules& rules, Server& server,
                          LiveSession& session, net::Stream& client, TargetAddress target, ByteVector early,
                          std::optional<OwedAnswer> owed, WarmStream* warm) {
  auto handshake = std::make_unique<ClientHandshake>(server.credentials(), env.keys, env.entropy, rules.extension);
  const std::optional<FirstFlight> flight =
      send_first_flight(env, *handshake, target, client, ServerEnd{server, connection, warm}, early);
  early = {};
  if (!flight) {
    if (!owed) co_return client.reset();
    co_await refuse_client(env, session, client, owed->protocol, socks5::Reply::host_unreachable);
    co_return;
  }
  const ResponseGate::Request request{rules.extension, flight->has_payload, rules.reply_wait};
  auto gate = std::make_unique<ResponseGate>(env, session, server, client, request, owed);
  relay::SealPump up(env, session, client, connection, env.counters.bytes_up, handshake->take_encoder(),
                     flight->unsent);
  relay::OpenPump down(env, session, connection, client, env.counters.bytes_down, handshake->take_decoder(),
                       std::move(gate));
  handshake.reset();
  co_await relay::relay_tcp(env, session, client, connection, up, down);
}

}  // namespace ss::local
