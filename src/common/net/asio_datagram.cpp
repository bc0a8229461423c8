#include "asio_datagram.hpp"

#include <utility>

#include "sockaddr.hpp"

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
  ask_for_joined(socket.get(), shared.offload);
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

}  // namespace ss::net
