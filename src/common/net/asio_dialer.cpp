#include "asio_dialer.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "asio_stream.hpp"
#include "sockaddr.hpp"
#include "sockets.hpp"
#include "ss/base/address_class.hpp"

namespace ss::net {

DialStart AsioDialer::begin(const Endpoint& to) {
  const Family family = family_of(to.address);
  Descriptor socket = open_tcp(family, options_.mptcp);
  if (!socket.open()) return {nullptr, errno};
  if (const int error = apply_before_connect(socket.get(), family, options_)) return {nullptr, error};
  if (classify(to.address) == AddressClass::loopback) forgo_pacing(socket.get());

  const SocketAddress address(to);
  // EINTR leaves the connect going on, as EINPROGRESS does.
  if (::connect(socket.get(), address.get(), address.length) != 0 && errno != EINPROGRESS && errno != EINTR) {
    // A machine without IPv6 has no address to connect from. The other meaning, that all ports are taken, is rarer.
    return {nullptr, errno == EADDRNOTAVAIL && family == Family::v6 ? EAFNOSUPPORT : errno};
  }
  DialStart start;
  start.stream = AsioStream::adopt(io_, std::move(socket), start.error);
  return start;
}

}  // namespace ss::net
