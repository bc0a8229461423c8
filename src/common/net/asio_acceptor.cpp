#include "asio_acceptor.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "asio_stream.hpp"
#include "sockaddr.hpp"
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

AsioAcceptor::~AsioAcceptor() {
  // Only a worker whose loop has ended may drop sessions where they stand (Spawner).
  SS_ASSERT(!waiter_ || io_.stopped());
}

std::unique_ptr<Stream> AsioAcceptor::try_accept() {
  Descriptor socket = accept_tcp(socket_.native_handle());
  if (!socket.open()) return nullptr;
  int error = 0;
  return AsioStream::adopt(io_, std::move(socket), error);
}

void AsioAcceptor::wait(Waiter& waiter) {
  SS_ASSERT(!waiter_);
  waiter_ = &waiter;
  socket_.async_wait(IoDescriptor::wait_read, [this](const boost::system::error_code& error) {
    const bool cancelled = error == asio::error::operation_aborted;
    std::exchange(waiter_, nullptr)->complete(cancelled ? WaitOutcome::cancelled : WaitOutcome::ready);
  });
}

void AsioAcceptor::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

Endpoint AsioAcceptor::local_endpoint() const {
  // Asio's own accessor is not const.
  return local_endpoint_of(const_cast<IoDescriptor&>(socket_).native_handle());
}

ListenStart AsioAcceptorOpener::open(const Endpoint& at) {
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
  ListenStart start;
  try {
    start.acceptor = std::make_unique<AsioAcceptor>(io_, socket.get());
    static_cast<void>(socket.release());
  } catch (const boost::system::system_error& error) {
    // The reactor takes no more descriptors.
    start.error = error.code().value();
  }
  return start;
}

}  // namespace ss::net
