#pragma once

#include <memory>

#include "socket_datagram.hpp"
#include "ss/net/socket_options.hpp"

namespace ss::net {

/// UDP sockets on a worker's own loop.
///
/// Owner: the worker. Threads: the worker's.
class UdpOpener final : public DatagramOpener {
 public:
  UdpOpener(SocketPoll& poll, const SocketOptions& options) : shared_{poll}, options_(options) {}
  std::unique_ptr<Datagram> open(Family family, int& error) override;
  std::unique_ptr<Datagram> open_connected(const Endpoint& peer, int& error) override;
  std::unique_ptr<Datagram> open_bound(const Endpoint& at, int& error) override;

  [[nodiscard]] DatagramShared& shared() { return shared_; }

 private:
  std::unique_ptr<Datagram> adopt(Descriptor socket, Family family, const IpAddress* peer, int& error);

  DatagramShared shared_;
  SocketOptions options_;
};

}  // namespace ss::net
