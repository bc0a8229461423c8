#include "udp_floor.hpp"

namespace ss::bench {

UdpFloor::UdpFloor(Poller& poller, std::uint16_t port, std::uint16_t target)
    : poller_(poller), fd_(open_udp(port)), target_(target) {
  poller_.add(fd_, *this, EPOLLIN);
}

void UdpFloor::ready(std::uint32_t) {
  int to = -1;
  for (const Segments& buffer : reader_.receive(fd_)) {
    const int fd = client_at(buffer.peer).fd_;
    if (fd != to && to >= 0) writer_.send(to);
    to = fd;
    writer_.add(buffer, nullptr);
  }
  if (to >= 0) writer_.send(to);
}

UdpFloor::Client& UdpFloor::client_at(const sockaddr_in& peer) {
  std::unique_ptr<Client>& client = clients_[peer.sin_port];
  if (!client) client = std::make_unique<Client>(*this, peer);
  return *client;
}

UdpFloor::Client::Client(UdpFloor& floor, const sockaddr_in& peer)
    : fd_(open_udp_to(floor.target_)), floor_(floor), peer_(peer) {
  floor_.poller_.add(fd_, *this, EPOLLIN);
}

void UdpFloor::Client::ready(std::uint32_t) {
  for (const Segments& buffer : floor_.reader_.receive(fd_)) floor_.writer_.add(buffer, &peer_);
  floor_.writer_.send(floor_.fd_);
}

}  // namespace ss::bench
