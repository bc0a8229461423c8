#include "udp/association.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "servers/find_server.hpp"
#include "ss/ops/errno_text.hpp"
#include "ss/telemetry/log.hpp"
#include "udp/auto_carrier.hpp"
#include "udp/client_port.hpp"
#include "udp/packet_carrier.hpp"
#include "udp/uot_carrier.hpp"

namespace ss::local {

namespace socks5 = ss::protocol::socks5;
using net::Side;
using net::WaitOutcome;
using relay::Environment;
using relay::LiveSession;

namespace {

/// A place among the associations of the process.
class AssociationPlace {
 public:
  explicit AssociationPlace(AssociationCap* cap) : cap_(cap), granted_(cap == nullptr || cap->take()) {}
  AssociationPlace(const AssociationPlace&) = delete;
  AssociationPlace& operator=(const AssociationPlace&) = delete;
  ~AssociationPlace() {
    if (cap_ != nullptr && granted_) cap_->give_back();
  }
  [[nodiscard]] bool granted() const { return granted_; }

 private:
  AssociationCap* const cap_;
  const bool granted_;
};

/// Reads and discards until the control connection ends (RFC 1928 section 6: the association ends with it).
net::Task<> await_end(Environment& env, LiveSession& session, net::Stream& control) {
  bool open = true;
  while (open && !session.stopping()) {
    const WaitOutcome outcome = co_await net::ready(control, Side::read);
    if (outcome == WaitOutcome::cancelled) continue;
    const relay::Scratch::Turn turn(env.scratch);
    const net::IoStatus status = control.try_read(turn.area()).status;
    open = status == net::IoStatus::done || status == net::IoStatus::blocked;
  }
}

/// Runs what carries the association until its control connection ends.
template <class Carrier>
net::Task<> run_beside(Environment& env, LiveSession& session, net::Stream& control, Carrier& carrier) {
  net::Task<> carrying = carrier.run();
  carrying.start();
  co_await await_end(env, session, control);
  carrier.stop();
  co_await carrying;
}

net::Task<> refuse_association(Environment& env, LiveSession& session, net::Stream& control, socks5::Reply reply,
                               std::string_view why) {
  env.counters.dial_failures.add();
  const std::optional<std::uint64_t> left_out = env.throttles.association.admit(env.clock.now());
  if (left_out) telemetry::log_warn("no UDP association: {} ({} more like this)", why, *left_out);
  const AnswerBytes failure(ClientProtocol::socks5, reply, Endpoint{});
  co_await refuse(env, session, control, failure.view());
}

}  // namespace

net::Task<> serve_association(Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys,
                              LiveSession& session, net::Stream& control, TargetAddress named, CarrierChoice* choice) {
  const AssociationPlace place(rules.associations);
  if (!place.granted()) {
    co_await refuse_association(env, session, control, socks5::Reply::general_failure,
                                "there are as many as \"udp_max_associations\" allows");
    co_return;
  }
  const bool over_tcp = rules.udp_over_tcp == config::UdpOverTcp::on;
  int error = 0;
  std::unique_ptr<net::Datagram> server_socket;
  if (!over_tcp && !(choice != nullptr && choice->over_tcp())) {
    const std::optional<Endpoint> server = co_await find_server(env, session, rules);
    if (session.stopping()) co_return;
    if (!server) {
      co_await refuse_association(env, session, control, socks5::Reply::host_unreachable,
                                  "the server's name cannot be resolved");
      co_return;
    }
    server_socket = env.datagrams.open_connected(*server, error);
  }
  std::unique_ptr<net::Datagram> client_socket;
  if (error == 0) client_socket = env.datagrams.open_bound({control.local_endpoint().address, 0}, error);
  if (!client_socket) {
    co_await refuse_association(env, session, control, socks5::Reply::general_failure, ops::errno_text(error));
    co_return;
  }
  Endpoint bound = client_socket->local_endpoint();
  if (rules.advertised) bound.address = *rules.advertised;
  const AnswerBytes success(ClientProtocol::socks5, socks5::Reply::succeeded, bound);
  if (!say(control, success.view())) co_return;

  env.counters.associations.add();
  session.relaying();
  ClientPort client(env, session, std::move(client_socket), control.peer_endpoint(), named);
  if (over_tcp) {
    UotCarrier carrier(env, rules, client);
    co_await run_beside(env, session, control, carrier);
  } else if (choice != nullptr) {
    AutoCarrier carrier(env, session, rules, keys, client, std::move(server_socket), *choice);
    co_await run_beside(env, session, control, carrier);
  } else {
    PacketCarrier carrier(env, session, rules, keys, client, std::move(server_socket), nullptr);
    co_await run_beside(env, session, control, carrier);
  }
  env.counters.associations.sub();
}

}  // namespace ss::local
