#include "socket_datagram.hpp"

#include <utility>

#include "sockaddr.hpp"

namespace ss::net {

std::unique_ptr<SocketDatagram> SocketDatagram::adopt(DatagramShared& shared, Descriptor socket, Family form,
                                                      const IpAddress* peer, int& error) {
  ask_for_joined(socket.get(), shared.offload);
  auto datagram = std::make_unique<SocketDatagram>(shared, std::move(socket), form, peer);
  error = datagram->socket_.join(Side::read);
  return error == 0 ? std::move(datagram) : nullptr;
}

SocketDatagram::SocketDatagram(DatagramShared& shared, Descriptor socket, Family form, const IpAddress* peer)
    : socket_(shared.poll, std::move(socket)),
      shared_(shared),
      peer_(peer != nullptr ? *peer : IpAddress()),
      form_(form),
      connected_(peer != nullptr) {}

std::size_t SocketDatagram::try_receive(Bytes area, std::span<Received> into) {
  return receive_batch(socket_.descriptor(), area, into);
}

SendResult SocketDatagram::try_send(std::span<const Outgoing> batch) {
  const DatagramSender sender{socket_.descriptor(), form_, connected_ ? &peer_ : nullptr, shared_.offload.segments};
  return send_batch(sender, batch, shared_.refusals);
}

Endpoint SocketDatagram::local_endpoint() const {
  return local_endpoint_of(socket_.descriptor());
}

}  // namespace ss::net
