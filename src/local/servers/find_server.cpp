#include "servers/find_server.hpp"

#include "ss/net/dial.hpp"
#include "ss/net/dial_control.hpp"
#include "ss/net/resolve_all.hpp"

namespace ss::local {

net::Task<std::optional<Endpoint>> find_server(relay::Environment& env, relay::LiveSession& session,
                                               const SessionRules& rules) {
  const TargetAddress& server = rules.server.address();
  if (!server.is_domain()) co_return Endpoint{server.ip().unmapped(), server.port()};
  net::DialControl control;
  session.dial = &control;
  const net::ResolveAnswer answer = co_await net::resolve_all(env.resolver, env.timers, server.domain(), {}, &control);
  session.dial = nullptr;
  if (answer.status != net::ResolveStatus::found) co_return std::nullopt;
  co_return net::interleave(answer.addresses, server.port(), rules.ipv6_first).front();
}

}  // namespace ss::local
