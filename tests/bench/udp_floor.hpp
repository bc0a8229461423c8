#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "datagrams.hpp"
#include "poller.hpp"

namespace ss::bench {

/// The floor for UDP: passes datagrams on from a port to one target, through one socket for each client, and back. What
/// came as one buffer leaves as one; no SOCKS5, no cipher, two system calls for up to eight buffers.
class UdpFloor final : public Handler {
 public:
  UdpFloor(Poller& poller, std::uint16_t port, std::uint16_t target);
  void ready(std::uint32_t events) override;

 private:
  /// A client's socket to the target. Stays until the process ends: a bench has few.
  class Client final : public Handler {
   public:
    Client(UdpFloor& floor, const sockaddr_in& peer);
    void ready(std::uint32_t events) override;
    int fd_;

   private:
    UdpFloor& floor_;
    sockaddr_in peer_;
  };
  Client& client_at(const sockaddr_in& peer);

  Poller& poller_;
  int fd_;
  std::uint16_t target_;
  DatagramReader reader_;
  DatagramWriter writer_;
  std::map<std::uint16_t, std::unique_ptr<Client>> clients_;  // by port: all are on 127.0.0.1
};

}  // namespace ss::bench
