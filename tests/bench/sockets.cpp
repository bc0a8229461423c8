#include "sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "pattern.hpp"

namespace ss::bench {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void set_no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// Paced by BBR, a socket costs a timer interrupt a burst, which tells nothing of the relays: CUBIC, or else Reno.
void forgo_pacing(int fd) {
  if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5) != 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
  }
}

Transfer outcome(ssize_t count) {
  if (count > 0) return {Moved::some, static_cast<std::size_t>(count)};
  if (count < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN)) return {Moved::nothing_yet};
  return {Moved::ended};
}

}  // namespace

int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  forgo_pacing(fd);
  const sockaddr_in address = loopback(port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(fd, 4096) != 0) {
    std::perror("listen");
    std::exit(1);
  }
  return fd;
}

int accept_from(int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) set_no_delay(fd);
  return fd;
}

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  set_no_delay(fd);
  forgo_pacing(fd);
  const sockaddr_in address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EINPROGRESS) return fd;
  const int cause = errno;
  close(fd);
  errno = cause;
  return -1;
}

Transfer receive(int fd, std::span<std::uint8_t> into) {
  return outcome(recv(fd, into.data(), into.size(), 0));
}

Transfer send(int fd, std::span<const std::uint8_t> from) {
  return outcome(::send(fd, from.data(), from.size(), MSG_NOSIGNAL));
}

std::span<std::uint8_t> scratch() {
  static thread_local std::vector<std::uint8_t> bytes(kStep);
  return bytes;
}

}  // namespace ss::bench
