#include "ss/relay/connect.hpp"

#include <algorithm>

#include "ss/net/resolve_all.hpp"

namespace ss::relay {

namespace {

/// While it lives, stopping the session cancels what `control` controls.
class Cancellable {
 public:
  Cancellable(LiveSession& session, net::DialControl& control) : session_(session) {
    session_.dial = &control;
    if (session_.stopping()) control.cancel();
  }
  Cancellable(const Cancellable&) = delete;
  Cancellable& operator=(const Cancellable&) = delete;
  ~Cancellable() { session_.dial = nullptr; }

 private:
  LiveSession& session_;
};

net::DialCause cause_of(net::ResolveStatus status) {
  return status == net::ResolveStatus::not_found ? net::DialCause::name_not_found : net::DialCause::name_failed;
}

}  // namespace

net::Task<net::DialResult> connect(Environment& env, LiveSession& session, const TargetAddress& to,
                                   net::DialOptions options, bool ipv6_first,
                                   std::function<bool(const IpAddress&)> allowed) {
  net::DialControl control;
  const Cancellable cancellable(session, control);
  net::DialResult result;
  std::vector<IpAddress> addresses;
  if (to.is_domain()) {
    net::ResolveAnswer answer = co_await net::resolve_all(env.resolver, env.timers, to.domain(), {}, &control);
    if (answer.status != net::ResolveStatus::found) {
      result.cause = control.cancelled() ? net::DialCause::cancelled : cause_of(answer.status);
      co_return result;
    }
    addresses = std::move(answer.addresses);
  } else {
    addresses.push_back(to.ip());
  }
  if (allowed) std::erase_if(addresses, [&allowed](const IpAddress& address) { return !allowed(address); });
  if (addresses.empty()) {
    result.cause = net::DialCause::denied;
    co_return result;
  }
  std::transform(addresses.begin(), addresses.end(), addresses.begin(),
                 [](const IpAddress& a) { return a.unmapped(); });
  const std::vector<Endpoint> endpoints = net::interleave(addresses, to.port(), ipv6_first);
  result = co_await net::dial(env.dialer, env.timers, endpoints, options, &control);
  co_return result;
}

}  // namespace ss::relay
