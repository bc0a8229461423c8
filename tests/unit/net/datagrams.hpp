#pragma once

#include <poll.h>

#include <memory>
#include <string>
#include <vector>

#include "loopback.hpp"
#include "ss/net/datagram.hpp"

namespace ss::net::test {

/// One datagram that came, with a copy of its bytes.
struct Heard {
  std::string text;
  Endpoint from;
  IpAddress to;
};

/// Takes datagrams in, as associations and listeners do.
class Ear {
 public:
  /// Receives until `count` datagrams have come altogether, or for five seconds.
  /// @return  whether they came.
  bool hear(Datagram& socket, std::size_t count) {
    const MonoTime end = system_clock().now() + 5s;
    while (heard.size() < count && system_clock().now() < end) {
      // Loopback has nothing to wait for but its own soft interrupt.
      if (hear_once(socket) == 0) ::poll(nullptr, 0, 1);
    }
    return heard.size() >= count;
  }
  std::size_t hear_once(Datagram& socket) {
    const std::size_t n = socket.try_receive(Bytes(*area_), *into_);
    if (n > 0) ++calls;
    for (std::size_t i = 0; i < n; ++i) {
      const Received& one = (*into_)[i];
      heard.push_back({std::string(text_of(one.bytes)), one.from, one.to});
    }
    return n;
  }

  std::vector<Heard> heard;
  int calls = 0;  ///< that brought something

 private:
  using Area = std::array<std::uint8_t, Datagram::kReceiveArea>;
  using Into = std::array<Received, Datagram::kMaxBatch>;
  std::unique_ptr<Area> area_ = std::make_unique<Area>();
  std::unique_ptr<Into> into_ = std::make_unique<Into>();
};

inline IpAddress v4(std::uint8_t last) {
  return IpAddress(IpAddress::V4{127, 0, 0, last});
}
inline const Endpoint kAnyV4{IpAddress(), 0};
inline const Endpoint kAnyV6{IpAddress(IpAddress::V6{}), 0};
inline const Endpoint kLoopbackV6{*IpAddress::parse("::1"), 0};

/// `count` datagrams of `size` bytes, each of its own letter.
inline std::vector<std::string> letters(std::size_t count, std::size_t size) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.emplace_back(size, static_cast<char>('A' + i % 58));
  return texts;
}
inline std::vector<std::string> texts_of(const std::vector<Heard>& heard) {
  std::vector<std::string> texts;
  texts.reserve(heard.size());
  for (const Heard& one : heard) texts.push_back(one.text);
  return texts;
}
/// Lifetime: of `texts`.
inline std::vector<Outgoing> addressed(const std::vector<std::string>& texts, const Endpoint& to = {}) {
  std::vector<Outgoing> batch;
  batch.reserve(texts.size());
  for (const std::string& text : texts) batch.push_back({bytes_of(text), to, {}});
  return batch;
}

/// The descriptor of this process's UDP socket that is bound to `port`.
inline int find_datagram_socket(std::uint16_t port) {
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    int type = 0;
    socklen_t length = sizeof type;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_DGRAM) continue;
    sockaddr_storage address{};
    length = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
    // The port lies at the same place in both families.
    if (ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port) == port) return descriptor;
  }
  return -1;
}

}  // namespace ss::net::test
