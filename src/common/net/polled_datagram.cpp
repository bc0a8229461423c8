#include "polled_datagram.hpp"

#if defined(SS_DATAGRAM_POLL)
#include <utility>

#include "sockaddr.hpp"

namespace ss::net {

std::unique_ptr<PolledDatagram> PolledDatagram::adopt(DatagramShared& shared, DatagramPoll& poll, Descriptor socket,
                                                      Family form, const IpAddress* peer, int& error) {
  ask_for_joined(socket.get(), shared.offload);
  auto datagram = std::make_unique<PolledDatagram>(shared, poll, std::move(socket), form, peer);
  error = datagram->member_.join();
  return error == 0 ? std::move(datagram) : nullptr;
}

PolledDatagram::PolledDatagram(DatagramShared& shared, DatagramPoll& poll, Descriptor socket, Family form,
                               const IpAddress* peer)
    : member_(poll, std::move(socket)),
      shared_(shared),
      peer_(peer != nullptr ? *peer : IpAddress()),
      form_(form),
      connected_(peer != nullptr) {}

std::size_t PolledDatagram::try_receive(Bytes area, std::span<Received> into) {
  return receive_batch(member_.descriptor(), area, into);
}

SendResult PolledDatagram::try_send(std::span<const Outgoing> batch) {
  const DatagramSender sender{member_.descriptor(), form_, connected_ ? &peer_ : nullptr, shared_.offload.segments};
  return send_batch(sender, batch, shared_.refusals);
}

Endpoint PolledDatagram::local_endpoint() const {
  return local_endpoint_of(member_.descriptor());
}

}  // namespace ss::net
#endif
