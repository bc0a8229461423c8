#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <utility>

#include "descriptor.hpp"
#include "socket_poll.hpp"
#include "ss/net/resolver.hpp"
#include "ss/net/stream.hpp"

namespace ss::net {

/// A TCP socket behind the Stream seam: the worker's poll waits, readv and sendmsg move the bytes.
///
/// Owner: the session. Threads: the worker's.
class SocketStream final : public Stream {
 public:
  /// @param socket  non-blocking; taken over.
  /// @param first  the side that is waited on first.
  /// @return null, with errno in `error`, where the poll cannot take it.
  static std::unique_ptr<SocketStream> adopt(SocketPoll& poll, Descriptor socket, Side first, int& error);

  SocketStream(SocketPoll& poll, Descriptor socket) : socket_(poll, std::move(socket)) {}
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;

  using Stream::try_read;
  using Stream::try_write;
  IoResult try_read(std::span<const Bytes> into) override;
  IoResult try_write(std::span<const ConstBytes> from) override;
  void wait(Side side, Waiter& waiter) override { socket_.wait(side, waiter); }
  void cancel() override { socket_.cancel(); }
  int finish_connect() override;
  void shut_write() override;
  void reset() override;
  [[nodiscard]] std::size_t unacknowledged() const override;
  [[nodiscard]] Endpoint local_endpoint() const override;
  [[nodiscard]] Endpoint peer_endpoint() const override;

  /// Has finish_connect() look at what keep_icmp() kept, and undo that.
  void note_icmp_kept(Family family) { icmp_kept_ = family; }

 private:
  IoResult failure();
  IoResult done(ssize_t bytes);

  SocketPoll::Member socket_;
  int error_ = 0;  ///< the first error but EPIPE: the kernel tells it once, and reads an end from then on
  std::optional<Family> icmp_kept_;  ///< of a socket whose connect is not known to have ended
};

}  // namespace ss::net
