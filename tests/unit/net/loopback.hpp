#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "ss/net/worker.hpp"

namespace ss::net::test {

using namespace std::chrono_literals;

inline Endpoint loopback(std::uint16_t port) {
  return {IpAddress(IpAddress::V4{127, 0, 0, 1}), port};
}

/// Runs `worker` on this thread until somebody stops it, or five seconds are over.
/// @return whether it was stopped in time.
inline bool run_bounded(Worker& worker) {
  struct Limit final : Timer {
    explicit Limit(Worker& w) : worker(w) {}
    void expired() noexcept override {
      hit = true;
      worker.stop();
    }
    Worker& worker;
    bool hit = false;
  };
  Limit limit(worker);
  worker.timers().start(limit, 5s);
  worker.run();
  return !limit.hit;
}

/// The descriptor of this process whose socket has these ends.
inline int find_socket(const Endpoint& local, const Endpoint& peer) {
  const auto port_of = [](int descriptor, auto ask) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    return ask(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0 ? ntohs(address.sin_port) : 0;
  };
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    if (port_of(descriptor, ::getsockname) == local.port && port_of(descriptor, ::getpeername) == peer.port) {
      return descriptor;
    }
  }
  return -1;
}

#if defined(TCP_CONGESTION)
/// The name of a TCP socket's congestion control; empty on failure.
inline std::string congestion_control_of(int descriptor) {
  std::array<char, 16> name{};
  socklen_t length = name.size();
  return ::getsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, name.data(), &length) == 0 ? name.data() : "";
}
#endif

/// A blocking socket of the test's own side, with a bound on every read.
class PlainSocket {
 public:
  explicit PlainSocket(int number) : number_(number) {
    const timeval bound{5, 0};
    ::setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
  }
  PlainSocket(PlainSocket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  PlainSocket& operator=(PlainSocket&&) = delete;
  ~PlainSocket() { close(); }

  /// Connects to 127.0.0.1. @return a closed one on failure.
  static PlainSocket connect_to(std::uint16_t port) {
    PlainSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.number_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket.close();
    return socket;
  }

  [[nodiscard]] bool open() const { return number_ >= 0; }
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] int release() { return std::exchange(number_, -1); }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  void close_with_reset() {
    const linger at_once{1, 0};
    ::setsockopt(number_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }
  bool send(std::string_view text) const {
    return ::send(number_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  /// Whether the next thing to come is the peer's FIN.
  [[nodiscard]] bool at_end() const {
    char byte = 0;
    return ::recv(number_, &byte, 1, 0) == 0;
  }
  /// Exactly `n` bytes, or what came before the end.
  [[nodiscard]] std::string receive(std::size_t n) const {
    std::string text(n, '\0');
    std::size_t got = 0;
    while (got < n) {
      const ssize_t r = ::recv(number_, text.data() + got, n - got, 0);
      if (r <= 0) break;
      got += static_cast<std::size_t>(r);
    }
    text.resize(got);
    return text;
  }

 private:
  int number_;
};

/// Two connected TCP sockets on loopback: the second non-blocking, as a worker adopts it.
inline std::pair<PlainSocket, PlainSocket> tcp_pair() {
  PlainSocket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  ::listen(listener.get(), 1);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length);
  PlainSocket mine = PlainSocket::connect_to(ntohs(address.sin_port));
  PlainSocket theirs(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  return {std::move(mine), std::move(theirs)};
}

}  // namespace ss::net::test
