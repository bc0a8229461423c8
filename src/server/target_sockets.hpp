#pragma once

#include <array>
#include <forward_list>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "address_forms.hpp"
#include "ss/base/address.hpp"
#include "ss/net/datagram.hpp"
#include "ss/net/dial_control.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/send_batch.hpp"
#include "ss/relay/target_policy.hpp"

namespace ss::server {

/// One client's way to all its targets: one socket a family, that anybody may answer to (full cone, RFC 4787 REQ-1 and
/// REQ-8).
///
/// Owner: its association, and the look-ups that are under way. Threads: the worker's.
struct TargetSockets : std::enable_shared_from_this<TargetSockets> {
  /// By net::Family, each opened when a target of that family is first sent to.
  std::array<std::unique_ptr<net::Datagram>, 2> sockets;
  /// The name that was sent to last, and its address for a short while: a client that names its target in every
  /// datagram costs one look-up in a few seconds.
  struct Name {
    std::string name;
    IpAddress address;
    MonoTime until;
  };
  std::unique_ptr<Name> name;
  std::forward_list<net::DialControl*> look_ups;  ///< one for each datagram that waits for its target's address
  AddressForms forms;                             ///< of the targets that were sent to
  bool one_target = false;  ///< all goes to one target: the address of its name is never asked for again

  /// Ends what waits on the sockets and for addresses, soon: datagrams that wait are dropped.
  void cancel();
  /// The source of an answer, in the form in which the client names it.
  [[nodiscard]] Endpoint source(const Endpoint& from) const;
};

/// Sends clients' datagrams to the targets that policy allows: each is judged by the very address that it goes to.
///
/// Owner: what owns the associations. Threads: the worker's. Before it goes, each TargetSockets has been cancelled; a
/// look-up that ends after that no longer touches it.
class TargetSender {
 public:
  using Opened = std::function<void(TargetSockets&, net::Family)>;

  /// @param opened  called with each socket that has been opened; is to read it until it is cancelled.
  TargetSender(relay::Environment& env, const relay::TargetPolicy& policy, bool ipv6_first, Opened opened)
      : env_(env), policy_(policy), ipv6_first_(ipv6_first), opened_(std::move(opened)) {}
  TargetSender(const TargetSender&) = delete;
  TargetSender& operator=(const TargetSender&) = delete;

  /// Sends one datagram, with the batch where its address is known; else once it is, unless too many wait already.
  /// @pre  `from` is owned by a shared_ptr. `payload` lives until the batch has gone.
  void send(TargetSockets& from, const TargetAddress& target, ConstBytes payload, relay::SendBatch& batch);

 private:
  void send_to_name(TargetSockets& from, const TargetAddress& target, ConstBytes payload, relay::SendBatch& batch);
  void send_to(TargetSockets& from, const Endpoint& target, ConstBytes payload, relay::SendBatch& batch);
  static net::Task<> resolve_and_send(relay::Environment& env, TargetSender& sender,
                                      std::shared_ptr<TargetSockets> from, TargetAddress target, ByteVector payload);
  void send_to_first_allowed(TargetSockets& from, const TargetAddress& target, const std::vector<IpAddress>& addresses,
                             ConstBytes payload);
  net::Datagram* socket_for(TargetSockets& from, const IpAddress& target);
  [[nodiscard]] bool allows(const IpAddress& address, relay::TargetPolicy::Named named);

  relay::Environment& env_;
  const relay::TargetPolicy& policy_;
  const bool ipv6_first_;
  const Opened opened_;
};

}  // namespace ss::server
