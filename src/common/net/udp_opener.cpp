#include "udp_opener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "datagram_control.hpp"
#include "sockaddr.hpp"
#include "sockets.hpp"

namespace ss::net {

std::unique_ptr<Datagram> UdpOpener::open(Family family, int& error) {
  Descriptor socket = open_udp(family, true);
  error = socket.open() ? apply_and_bind_datagrams(socket.get(), family, options_) : errno;
  if (error != 0) return nullptr;
  return adopt(std::move(socket), family, nullptr, error);
}

std::unique_ptr<Datagram> UdpOpener::open_connected(const Endpoint& peer, int& error) {
  const Family family = family_of(peer.address);
  Descriptor socket = open_udp(family, true);
  error = socket.open() ? apply_and_bind_datagrams(socket.get(), family, options_) : errno;
  if (error != 0) return nullptr;
  const SocketAddress address(peer);
  if (::connect(socket.get(), address.get(), address.length) != 0) {
    error = errno;
    return nullptr;
  }
  return adopt(std::move(socket), family, &peer.address, error);
}

std::unique_ptr<Datagram> UdpOpener::open_bound(const Endpoint& at, int& error) {
  const Family family = family_of(at.address);
  Descriptor socket = open_udp(family, true);
  const SocketAddress address(at);
  if (!socket.open() || ::bind(socket.get(), address.get(), address.length) != 0) {
    error = errno;
    return nullptr;
  }
  if (is_unspecified(at.address)) ask_for_own_address(socket.get(), family);
  error = 0;
  return adopt(std::move(socket), family, nullptr, error);
}

std::unique_ptr<Datagram> UdpOpener::adopt(Descriptor socket, Family family, const IpAddress* peer, int& error) {
  return SocketDatagram::adopt(shared_, std::move(socket), family, peer, error);
}

}  // namespace ss::net
