#pragma once

#include <memory>

#include "polled_datagram.hpp"
#include "ss/net/socket_options.hpp"

namespace ss::net {

/// UDP sockets on a worker's own loop.
///
/// Owner: the worker. Threads: the worker's.
class UdpOpener final : public DatagramOpener {
 public:
  UdpOpener(asio::io_context& io, const SocketOptions& options) : shared_{io}, options_(options) {}
  std::unique_ptr<Datagram> open(Family family, int& error) override;
  std::unique_ptr<Datagram> open_connected(const Endpoint& peer, int& error) override;
  std::unique_ptr<Datagram> open_bound(const Endpoint& at, int& error) override;

  [[nodiscard]] DatagramShared& shared() { return shared_; }

 private:
  std::unique_ptr<Datagram> adopt(Descriptor socket, Family family, const IpAddress* peer, int& error);

  DatagramShared shared_;
#if defined(SS_DATAGRAM_POLL)
  DatagramPoll poll_{shared_.io};
#endif
  SocketOptions options_;
};

}  // namespace ss::net
