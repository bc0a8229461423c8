#pragma once

#include <memory>
#include <optional>

#include "ss/protocol/uot.hpp"
#include "ss/relay/target_policy.hpp"
#include "ss/relay/uot_stream.hpp"
#include "target_sockets.hpp"

namespace ss::server {

/// The far end of a client's stream of UDP over TCP: an association of its own, full cone, or where the client has
/// asked for one peer (isConnect) with that peer alone.
///
/// Owner: the session. Threads: the worker's.
class UotTargets final : public relay::UotStream {
 public:
  UotTargets(relay::Environment& env, const relay::TargetPolicy& policy, bool ipv6_first,
             protocol::uot::Version version, Duration idle);

 private:
  bool frame(const net::Received& datagram, relay::FrameWriter& out) override;
  protocol::Parsed<std::size_t> take(ConstBytes bytes, relay::SendBatch& batch) override;
  protocol::Parsed<std::size_t> take_request(ConstBytes bytes);
  void cancel_sockets() override { sockets_->cancel(); }
  [[nodiscard]] bool is_peer(const Endpoint& from) const;

  TargetSender sender_;
  const std::shared_ptr<TargetSockets> sockets_;
  bool awaits_request_;
  std::optional<TargetAddress> peer_;  // the only one
};

}  // namespace ss::server
