#include "bind_operation.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "bind_share.hpp"
#include "denial.hpp"
#include "dial_watch.hpp"
#include "request_end.hpp"
#include "ss/base/address_class.hpp"
#include "ss/net/acceptor.hpp"
#include "ss/net/dial_control.hpp"
#include "ss/protocol/address_codec.hpp"
#include "ss/relay/held_bytes.hpp"
#include "ss/telemetry/log.hpp"
#include "user_word.hpp"

namespace ss::server {

using protocol::socks5::Reply;
using relay::Environment;
using relay::LiveSession;

namespace {

/// So many strangers are turned away before others have their turn.
constexpr int kBatch = 16;

/// So many ports are tried for one request. Each costs the worker three system calls.
constexpr std::uint32_t kMostTried = 64;

/// Ends the wait for a peer: at the limit, where the session is stopped, or where the client goes.
class PeerLimit final : private net::Timer, private net::DialControl::Target {
 public:
  PeerLimit(Environment& env, LiveSession& session, net::Acceptor& acceptor) : session_(session), acceptor_(acceptor) {
    control_.set_target(this);
    session_.dial = &control_;
    env.timers.start(*this, kBindWait);
  }
  PeerLimit(const PeerLimit&) = delete;
  PeerLimit& operator=(const PeerLimit&) = delete;
  ~PeerLimit() override { session_.dial = nullptr; }

  [[nodiscard]] bool cancelled() const { return control_.cancelled() || session_.stopping(); }
  [[nodiscard]] bool passed() const { return passed_ || cancelled(); }

 private:
  void expired() noexcept override {
    passed_ = true;
    acceptor_.cancel();
  }
  void start_cancel() noexcept override { acceptor_.cancel(); }

  LiveSession& session_;
  net::Acceptor& acceptor_;
  net::DialControl control_;
  bool passed_ = false;
};

bool is_anybody(const IpAddress& expected) {
  return expected == IpAddress() || expected == IpAddress(IpAddress::V6{});
}

/// Whom the request expects.
struct Expected {
  IpAddress address;
  std::size_t length = 0;  ///< bytes that it took of the payload
  Reply refusal = Reply::succeeded;
};

/// @param at  where is listened.
Expected parse_expected(Environment& env, const SessionRules& rules, ConstBytes payload, const IpAddress& at) {
  const protocol::Parsed<protocol::ParsedAddress> parsed = protocol::parse_address(payload);
  if (parsed.failed() && parsed.error() == Errc::bad_address_type) return {{}, 0, Reply::address_type_not_supported};
  if (!parsed.ready()) return {{}, 0, Reply::general_failure};
  const TargetAddress& peer = parsed.value().address;
  if (peer.is_domain()) return {{}, 0, Reply::address_type_not_supported};
  Expected expected{peer.ip().unmapped(), parsed.value().length};
  if (is_anybody(expected.address)) return expected;
  const relay::TargetPolicy::Verdict verdict = rules.policy.judge(expected.address);
  if (!verdict.allowed) {
    note_denied(env, "peer of BIND", verdict.reason);
    expected.refusal = Reply::not_allowed;
  } else if (expected.address.is_v4() != at.is_v4()) {
    expected.refusal = Reply::address_type_not_supported;
  }
  return expected;
}

/// Listens at a free port of `range`, looked for from a place of it that nobody can foretell.
net::ListenStart listen_in(Environment& env, const config::PortRange& range, const IpAddress& at) {
  net::ListenStart start{nullptr, EADDRNOTAVAIL};
  // Nowhere but where the client has come to: every other address is somebody else's business.
  if (is_anybody(at)) return start;
  const std::uint32_t ports = std::uint32_t{range.last} - range.first + 1;
  const std::uint32_t begin = env.entropy.uniform(0, ports - 1);
  for (std::uint32_t n = 0; n < std::min(ports, kMostTried) && !start.acceptor; ++n) {
    start = env.acceptors.open({at, static_cast<std::uint16_t>(range.first + (begin + n) % ports)});
    if (start.error != 0 && start.error != EADDRINUSE && start.error != EACCES) break;
  }
  return start;
}

bool is_welcome(const SessionRules& rules, const IpAddress& expected, const net::Stream& peer) {
  const IpAddress address = peer.peer_endpoint().address.unmapped();
  if (!is_anybody(expected)) return address == expected;
  return rules.policy.judge(address).allowed;
}

/// Takes connections until the expected peer's comes; others are closed.
/// @return null: nobody has come.
std::unique_ptr<net::Stream> accept_some(const SessionRules& rules, net::Acceptor& acceptor,
                                         const IpAddress& expected) {
  for (int n = 0; n < kBatch; ++n) {
    std::unique_ptr<net::Stream> peer = acceptor.try_accept();
    if (!peer || is_welcome(rules, expected, *peer)) return peer;
    telemetry::log_debug("BIND: {} is not the expected peer", peer->peer_endpoint().to_string());
    peer->reset();
  }
  return nullptr;
}

/// A port that is open, and the user's share of ports that it takes. The port goes first: none is open without a share.
struct OpenPort {
  BindShare share;
  std::unique_ptr<net::Acceptor> acceptor;
};

/// @return  the peer; null: nobody has come, or the client has gone, as `cancelled` says.
net::Task<std::unique_ptr<net::Stream>> await_peer(Environment& env, const SessionRules& rules, LiveSession& session,
                                                   net::Stream& client, Admission& admission, OpenPort port,
                                                   IpAddress expected, bool& cancelled) {
  const relay::HeldNote held(env.held_total, admission.held_bytes());
  PeerLimit limit(env, session, *port.acceptor);
  DialWatch watch(env, session, client, admission, DialWatch::Purpose::peer);
  std::unique_ptr<net::Stream> peer;
  while (!peer && !limit.passed()) {
    const net::WaitOutcome outcome = co_await net::ready(*port.acceptor);
    if (outcome == net::WaitOutcome::ready) peer = accept_some(rules, *port.acceptor, expected);
  }
  co_await watch.end();
  cancelled = limit.cancelled();
  co_return peer;
}

/// As often as other refusals by rule: whoever may use BIND could fill the log by it.
void log_refusal(Environment& env, const SessionRules& rules, std::size_t user, std::string_view why,
                 const IpAddress& at) {
  const std::optional<std::uint64_t> left_out = env.throttles.policy.admit(env.clock.now());
  if (!left_out) return;
  telemetry::log_info("BIND of {} at {} refused: {} ({} more like this)", word_for(rules.credentials, user),
                      at.to_string(), why, *left_out);
}

}  // namespace

net::Task<> serve_bind(Environment& env, const SessionRules& rules, LiveSession& session, net::Stream& client,
                       std::unique_ptr<Admission> admission) {
  const IpAddress at = client.local_endpoint().address.unmapped();
  const Expected expected = parse_expected(env, rules, admission->request.payload, at);
  if (expected.refusal != Reply::succeeded) {
    co_await refuse(env, session, client, std::move(admission), expected.refusal);
    co_return;
  }
  BindShare share(rules.binds, admission->request.user);
  net::ListenStart start;
  if (share.granted()) start = listen_in(env, *rules.bind_range(admission->request.user), at);
  if (!start.acceptor) {
    log_refusal(env, rules, admission->request.user,
                share.granted() ? "no free port of the range was found" : "so many peers are waited for already", at);
    static_cast<void>(BindShare(std::move(share)));  // given back: refusing may take a while
    co_await refuse(env, session, client, std::move(admission), Reply::general_failure);
    co_return;
  }
  admission->request.payload = admission->request.payload.subspan(expected.length);
  admission->answer->send(env, client, {Reply::succeeded, false, start.acceptor->local_endpoint()});
  bool cancelled = false;
  OpenPort port{std::move(share), std::move(start.acceptor)};
  const std::unique_ptr<net::Stream> peer =
      co_await await_peer(env, rules, session, client, *admission, std::move(port), expected.address, cancelled);
  if (cancelled) co_return;
  if (!peer) {
    co_await refuse(env, session, client, std::move(admission), Reply::host_unreachable);
    co_return;
  }
  const Endpoint who = peer->peer_endpoint();
  co_await relay_to(*peer, env, rules, session, client, std::move(admission), who);
}

}  // namespace ss::server
