#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/datagram_net.hpp"
#include "sim/waits.hpp"
#include "ss/net/datagram.hpp"

namespace ss::sim {

class SimDatagramOpener;

/// A simulated UDP socket of a program. Its receives, sends and waits are steps of the world, and may be struck.
///
/// A fault strikes as the kernel would have it: what is an ICMP error changes nothing, ENETDOWN, EHOSTUNREACH, ENOBUFS
/// and EMSGSIZE give up one datagram, and one is what the wire strikes. The opener outlives it.
class SimDatagram final : public net::Datagram, private DatagramSink {
 public:
  /// What a socket was asked to be.
  struct Kind {
    Endpoint local;  ///< an address of zeros: all of the opener's of that family
    std::optional<Endpoint> peer = std::nullopt;
    bool both_families = false;      ///< bound to `::`, and IPv4 comes here too
    bool tells_own_address = false;  ///< fills Received::to
    bool shared = false;             ///< with other listeners of the same endpoint
  };
  SimDatagram(SimDatagramOpener& opener, const Kind& kind);
  SimDatagram(const SimDatagram&) = delete;
  SimDatagram& operator=(const SimDatagram&) = delete;
  ~SimDatagram() override;

  std::size_t try_receive(Bytes area, std::span<net::Received> into) override;
  net::SendResult try_send(std::span<const net::Outgoing> batch) override;
  void wait(net::Side side, net::Waiter& waiter) override;
  void cancel() override { waits_.cancel(); }
  [[nodiscard]] Endpoint local_endpoint() const override;

  /// Binds to what `kind` asks for. @return errno, 0 where it worked.
  int bind();
  void unbind();
  [[nodiscard]] bool holds_all_addresses() const { return is_unspecified(kind_.local.address); }

 private:
  struct Queued {
    ByteVector bytes;
    Endpoint from;
    Endpoint to;
  };

  bool take(const Endpoint& from, const Endpoint& to, ByteVector bytes) override;
  void bounced(const Endpoint& to) override;
  /// Moves datagrams from the queue into one buffer. @return how many: 1, or as many as UDP_GRO would put together.
  std::size_t fill(Bytes buffer, std::span<net::Received> into);
  /// @return errno, 0 where it left.
  int send(const net::Outgoing& one, Fault fault);
  [[nodiscard]] bool has_room() const;
  void leave_later();

  SimDatagramOpener& opener_;
  DatagramNet& net_;
  Kind kind_;
  std::vector<Endpoint> places_;  // where it is bound
  std::deque<Queued> queue_;
  std::size_t queued_weight_ = 0;
  std::size_t leaving_ = 0;  // datagrams in the send buffer
  Waits waits_;
  std::shared_ptr<SimDatagram*> self_;  // null inside once this has gone
};

/// Opens simulated UDP sockets of one program. Ports that it chooses come in order, from kFirstPort.
///
/// Owner: the Node. Threads: one.
class SimDatagramOpener final : public net::DatagramOpener {
 public:
  /// @param own  the address that its sockets have
  SimDatagramOpener(DatagramNet& net, const IpAddress& own) : net_(net), addresses_{own} {}

  std::unique_ptr<net::Datagram> open(net::Family family, int& error) override;
  std::unique_ptr<net::Datagram> open_connected(const Endpoint& peer, int& error) override;
  std::unique_ptr<net::Datagram> open_bound(const Endpoint& at, int& error) override;
  /// One worker's socket of a listener. Openers with the same address are workers of one program: they may all listen
  /// at one endpoint, and DatagramNet::spread says who hears whom. At `::` it hears both families.
  std::unique_ptr<net::Datagram> open_listener(const Endpoint& at, int& error);

  /// Gives the program one more address; of a family, the first one is where datagrams leave from.
  void add_address(const IpAddress& address) { addresses_.push_back(address); }
  /// Puts `now` in the place of the address `before`, as a NAT or another network does: every open socket that is not
  /// bound to one address sends from `now` from here on and hears what comes there, with the same port.
  /// @return false where one of the ports is taken there; that socket hears nothing then.
  bool roam(const IpAddress& before, const IpAddress& now);

  static constexpr std::uint16_t kFirstPort = 32'768;
  static constexpr std::uint16_t kLastPort = 60'999;

  /// Sockets that exist.
  [[nodiscard]] std::size_t open_sockets() const { return open_.size(); }

  /// errno of every attempt to open one; 0: it works.
  int fails_with = 0;

 private:
  friend class SimDatagram;

  std::unique_ptr<net::Datagram> open_as(SimDatagram::Kind kind, int& error);
  /// The endpoints that a socket bound to `at` takes.
  [[nodiscard]] std::vector<Endpoint> places_of(const Endpoint& at, bool both_families) const;
  /// @return 0 where none is left.
  std::uint16_t choose_port(const SimDatagram::Kind& kind);
  /// Where datagrams of that family leave from; zeros where the program has no address of it.
  [[nodiscard]] IpAddress address_of(net::Family family) const;
  [[nodiscard]] bool owns(const IpAddress& address) const;

  DatagramNet& net_;
  std::vector<IpAddress> addresses_;
  std::uint16_t next_port_ = kFirstPort;
  std::map<std::size_t, SimDatagram*> open_;  // by the order of opening
};

}  // namespace ss::sim
