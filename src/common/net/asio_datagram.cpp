#include "asio_datagram.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "datagram_control.hpp"
#include "sockaddr.hpp"
#include "sockets.hpp"

namespace ss::net {
/// As for AsioStream: two words.
struct AsioDatagram::Woken {
  AsioDatagram* socket;
  Side side;
  void operator()(const boost::system::error_code& error) const {
    Waiter* const waiter = std::exchange(socket->waiters_[static_cast<std::size_t>(side)], nullptr);
    const bool cancelled = error == asio::error::operation_aborted;
    waiter->complete(cancelled ? WaitOutcome::cancelled : WaitOutcome::ready);
  }
};

std::unique_ptr<AsioDatagram> AsioDatagram::adopt(DatagramShared& shared, Descriptor socket, Family form,
                                                  const IpAddress* peer, int& error) {
#if !defined(SS_PORTABLE) && defined(UDP_GRO)
  const int on = 1;
  if (shared.offload.coalesces) ::setsockopt(socket.get(), IPPROTO_UDP, UDP_GRO, &on, sizeof on);
#endif
  auto datagram = std::make_unique<AsioDatagram>(shared, form, peer);
  boost::system::error_code failed;
  datagram->socket_.assign(socket.get(), failed);
  if (failed) {
    error = failed.value();
    return nullptr;
  }
  static_cast<void>(socket.release());
  datagram->socket_.native_non_blocking(true, failed);
  return datagram;
}

AsioDatagram::AsioDatagram(DatagramShared& shared, Family form, const IpAddress* peer)
    : socket_(shared.io),
      shared_(shared),
      peer_(peer != nullptr ? *peer : IpAddress()),
      form_(form),
      connected_(peer != nullptr) {}

AsioDatagram::~AsioDatagram() {
  // Only a worker whose loop has ended may drop associations where they stand (Spawner).
  SS_ASSERT((!waiters_[0] && !waiters_[1]) || socket_.get_executor().context().stopped());
}

std::size_t AsioDatagram::try_receive(Bytes area, std::span<Received> into) {
  return receive_batch(descriptor(), area, into);
}

SendResult AsioDatagram::try_send(std::span<const Outgoing> batch) {
  const DatagramSender sender{descriptor(), form_, connected_ ? &peer_ : nullptr, shared_.offload.segments};
  return send_batch(sender, batch, shared_.refusals);
}

void AsioDatagram::wait(Side side, Waiter& waiter) {
  Waiter*& slot = waiters_[static_cast<std::size_t>(side)];
  SS_ASSERT(!slot);
  slot = &waiter;
  socket_.async_wait(side == Side::read ? IoDescriptor::wait_read : IoDescriptor::wait_write, Woken{this, side});
}

void AsioDatagram::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

Endpoint AsioDatagram::local_endpoint() const {
  return local_endpoint_of(descriptor());
}

std::unique_ptr<Datagram> AsioDatagramOpener::open(Family family, int& error) {
  Descriptor socket = open_udp(family, true);
  error = socket.open() ? apply_and_bind_datagrams(socket.get(), family, options_) : errno;
  if (error != 0) return nullptr;
  return AsioDatagram::adopt(shared_, std::move(socket), family, nullptr, error);
}

std::unique_ptr<Datagram> AsioDatagramOpener::open_connected(const Endpoint& peer, int& error) {
  const Family family = family_of(peer.address);
  Descriptor socket = open_udp(family, true);
  error = socket.open() ? apply_and_bind_datagrams(socket.get(), family, options_) : errno;
  if (error != 0) return nullptr;
  const SocketAddress address(peer);
  if (::connect(socket.get(), address.get(), address.length) != 0) {
    error = errno;
    return nullptr;
  }
  return AsioDatagram::adopt(shared_, std::move(socket), family, &peer.address, error);
}

std::unique_ptr<Datagram> AsioDatagramOpener::open_bound(const Endpoint& at, int& error) {
  const Family family = family_of(at.address);
  Descriptor socket = open_udp(family, true);
  const SocketAddress address(at);
  if (!socket.open() || ::bind(socket.get(), address.get(), address.length) != 0) {
    error = errno;
    return nullptr;
  }
  if (is_unspecified(at.address)) ask_for_own_address(socket.get(), family);
  error = 0;
  return AsioDatagram::adopt(shared_, std::move(socket), family, nullptr, error);
}

}  // namespace ss::net
