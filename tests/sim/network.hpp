#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/datagram_net.hpp"
#include "sim/link.hpp"
#include "sim/world.hpp"
#include "ss/net/acceptor.hpp"
#include "ss/net/dialer.hpp"
#include "ss/net/resolver.hpp"

namespace ss::sim {

/// Who listens where, and which names there are.
struct Network {
  explicit Network(World& w) : world(w) {}

  World& world;
  std::uint32_t alive = 0;  ///< streams that exist
  std::map<Endpoint, std::function<void(std::unique_ptr<net::Stream>)>> listeners;
  /// To whom connecting takes longer than a moment; for ever, where nobody says anything.
  std::map<Endpoint, Duration> connect_takes;
  /// How long acknowledgements are lost between the pair's programs.
  Duration acks_late{};
  static constexpr Duration kForEver = std::chrono::hours(1);
  std::map<std::string, std::vector<IpAddress>> names;
  /// Every link that was ever made to an endpoint, so that its bytes can be looked at afterwards.
  std::multimap<Endpoint, std::shared_ptr<Link>> links;
  /// The same for UDP.
  DatagramNet datagrams{world};
};

/// Connects to what listens in the network; elsewhere the connection is refused.
class SimDialer final : public net::Dialer {
 public:
  /// @param to_pair  whether the other end is our pair's too: then its steps count as well, and the bytes between are
  /// sealed
  SimDialer(Network& network, IpAddress own, bool to_pair) : network_(network), own_(own), to_pair_(to_pair) {}
  net::DialStart begin(const Endpoint& to, const net::DialWishes& wishes) override;

 private:
  Network& network_;
  IpAddress own_;
  bool to_pair_;
  std::uint16_t next_port_ = 40000;
};

/// Listens in the network where nobody does yet.
class SimAcceptorOpener final : public net::AcceptorOpener {
 public:
  explicit SimAcceptorOpener(Network& network) : network_(network) {}
  net::ListenStart open(const Endpoint& at) override;

 private:
  Network& network_;
};

/// Knows the network's names; answers after a delay.
class SimResolver final : public net::Resolver {
 public:
  explicit SimResolver(Network& network) : network_(network) {}
  bool start(const std::string& name, net::Family family, net::Query& query, net::ResolveAnswer& answer) override;

 private:
  Network& network_;
};

}  // namespace ss::sim
