#pragma once

#include <memory>
#include <optional>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/net/datagram.hpp"
#include "ss/net/timers.hpp"
#include "ss/protocol/socks5_udp.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// The side of an association that its client sees: one socket, which takes SOCKS5 datagrams from the control
/// connection's peer alone, from the port that the request named, else from the one that sends first. Fragments are put
/// together again.
///
/// Owner: the association. Threads: the worker's.
class ClientPort {
 public:
  /// @param peer   of the control connection.
  /// @param named  DST.ADDR and DST.PORT of the request.
  ClientPort(relay::Environment& env, relay::LiveSession& session, std::unique_ptr<net::Datagram> socket,
             const Endpoint& peer, const TargetAddress& named);

  /// One whole datagram of the client.
  struct Taken {
    protocol::socks5::UdpDatagram datagram;
    std::optional<ByteVector> joined;  ///< its payload, where it came in fragments
    [[nodiscard]] ConstBytes payload() const { return joined ? ConstBytes(*joined) : datagram.payload; }
  };
  /// Takes what came to the socket. Nothing: it was refused, or is a fragment of what is not whole yet.
  /// Lifetime: points into `datagram`.
  std::optional<Taken> take(const net::Received& datagram);

  [[nodiscard]] net::Datagram& socket() { return *socket_; }
  /// Where answers go; nothing until the client has sent.
  [[nodiscard]] const std::optional<Endpoint>& client() const { return client_; }

 private:
  /// Frees an unfinished sequence of fragments when its time is over.
  class ForgetFragments final : public net::Timer {
   public:
    explicit ForgetFragments(ClientPort& port) : port_(port) {}

   private:
    void expired() noexcept override { port_.expire_fragments(); }
    ClientPort& port_;
  };

  [[nodiscard]] bool is_from_client(const Endpoint& from) const;
  void expire_fragments();

  relay::Environment& env_;
  relay::LiveSession& session_;
  std::unique_ptr<net::Datagram> socket_;
  const IpAddress peer_;
  std::optional<Endpoint> client_;
  protocol::socks5::FragmentQueue fragments_;
  ForgetFragments forget_fragments_;
};

}  // namespace ss::local
