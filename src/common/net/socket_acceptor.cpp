#include "socket_acceptor.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "sockaddr.hpp"
#include "socket_stream.hpp"
#include "sockets.hpp"
#include "ss/base/address_class.hpp"

namespace ss::net {
namespace {

/// One connection is wanted; what comes beside it is soon turned away.
constexpr int kBacklog = 4;

void set(const Descriptor& socket, int level, int name) {
  const int on = 1;
  ::setsockopt(socket.get(), level, name, &on, sizeof on);
}

}  // namespace

std::unique_ptr<Stream> SocketAcceptor::try_accept() {
  Descriptor socket = accept_tcp(socket_.descriptor());
  if (!socket.open()) return nullptr;
  int error = 0;
  return SocketStream::adopt(poll_, std::move(socket), Side::read, error);
}

Endpoint SocketAcceptor::local_endpoint() const {
  return local_endpoint_of(socket_.descriptor());
}

ListenStart SocketAcceptorOpener::open(const Endpoint& at) {
  Descriptor socket = open_tcp(family_of(at.address));
  if (!socket.open()) return {nullptr, errno};
  // Earlier connections in TIME_WAIT do not matter; somebody who listens there does.
  set(socket, SOL_SOCKET, SO_REUSEADDR);
  if (at.address.is_v6()) set(socket, IPPROTO_IPV6, IPV6_V6ONLY);
  apply_to_accepted(socket.get(), options_);
  if (classify(at.address) == AddressClass::loopback) forgo_pacing(socket.get());
  const SocketAddress address(at);
  if (::bind(socket.get(), address.get(), address.length) != 0 || ::listen(socket.get(), kBacklog) != 0) {
    return {nullptr, errno};
  }
  auto acceptor = std::make_unique<SocketAcceptor>(poll_, std::move(socket));
  if (const int error = acceptor->join()) return {nullptr, error};
  return {std::move(acceptor), 0};
}

}  // namespace ss::net
