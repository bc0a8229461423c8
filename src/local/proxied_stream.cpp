#include "proxied_stream.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "ss/protocol/client_handshake.hpp"
#include "ss/relay/pump.hpp"
#include "ss/relay/tcp_relay.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

using protocol::ClientHandshake;
using relay::Environment;
using relay::LiveSession;

namespace {

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

}  // namespace

void warn_unreachable(Environment& env, net::DialCause cause) {
  const std::optional<std::uint64_t> left_out = env.dial_log.admit(env.clock.now());
  if (left_out) {
    telemetry::log_warn("the server cannot be reached: {} ({} more like this)", net::name_of(cause), *left_out);
  }
}

net::Task<> relay_through(net::Stream& server, Environment& env, const SessionRules& rules, LiveSession& session,
                          net::Stream& client, TargetAddress target, ByteVector early) {
  auto handshake = std::make_unique<ClientHandshake>(rules.credentials, env.keys, env.entropy);
  const std::optional<ByteVector> leftover = send_first_flight(env, *handshake, target, client, server, early);
  early = {};
  if (!leftover) {
    client.reset();
    co_return;
  }
  relay::SealPump up(env, session, client, server, env.counters.bytes_up, handshake->take_encoder(), *leftover);
  relay::OpenPump down(env, session, server, client, env.counters.bytes_down, handshake->take_decoder());
  handshake.reset();
  co_await relay::relay_tcp(env, session, client, server, up, down);
}

}  // namespace ss::local
