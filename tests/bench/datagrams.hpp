#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ss::bench {

/// A non-blocking UDP socket on 127.0.0.1:`port` (0: the system chooses) with large buffers, which receives with GRO;
/// the program ends with a message if there can be none.
int open_udp(std::uint16_t port);
/// Such a socket that talks to 127.0.0.1:`port` alone.
int open_udp_to(std::uint16_t port);
/// Makes the socket receive each datagram by itself.
void receive_singly(int fd);

/// What one receive buffer holds: datagrams of `segment` bytes each, the last one perhaps shorter.
struct Segments {
  std::span<std::uint8_t> bytes;
  std::size_t segment = 0;
  sockaddr_in peer{};
};

/// Receives many datagrams in one system call. They lie in the reader until the next one.
class DatagramReader {
 public:
  DatagramReader() : area_(kBuffers * kBuffer) {}
  /// Empty: nothing is there.
  std::span<const Segments> receive(int fd);

 private:
  static constexpr std::size_t kBuffers = 8;
  static constexpr std::size_t kBuffer = std::size_t{64} * 1024;

  std::vector<std::uint8_t> area_;
  std::array<Segments, kBuffers> got_;
};

/// Sends many datagrams in one system call; equal-sized ones to one place go as one buffer (UDP_SEGMENT).
class DatagramWriter {
 public:
  /// @param joins  whether datagrams are joined; else what is added is one datagram.
  explicit DatagramWriter(bool joins = true) : messages_(kMessages), pieces_(kPieces), joins_(joins) {}
  /// Adds `what`, to `to` or, where that is null, to the place that the socket is connected to. The bytes live until
  /// `send`.
  /// @pre  there is room: at most kRoom calls between two sends
  void add(const Segments& what, const sockaddr_in* to);
  /// Sends everything added. Waits while the socket is full; leaves out what the system refuses twice.
  void send(int fd);

  static constexpr std::size_t kRoom = 64;

 private:
  static constexpr std::size_t kMessages = kRoom;
  static constexpr std::size_t kPieces = kRoom;
  struct Message {
    std::size_t segment = 0;
    std::size_t bytes = 0;
    std::size_t pieces = 0;
    sockaddr_in to{};
    bool connected = false;
  };
  [[nodiscard]] bool joins_last(const Segments& what, const sockaddr_in* to) const;

  std::vector<Message> messages_;
  std::vector<iovec> pieces_;
  bool joins_;
  std::size_t count_ = 0;
  std::size_t pieces_used_ = 0;
};

}  // namespace ss::bench
