#pragma once

#include <array>
#include <memory>
#include <optional>

#include "asio.hpp"
#include "descriptor.hpp"
#include "ss/net/resolver.hpp"
#include "ss/net/stream.hpp"

namespace ss::net {

/// A TCP socket behind the Stream seam: Asio's reactor waits, readv and sendmsg move the bytes.
///
/// Owner: the session. Threads: the worker's.
class AsioStream final : public Stream {
 public:
  /// @param socket  non-blocking; taken over.
  /// @return null, with errno in `error`, where the reactor cannot take it.
  static std::unique_ptr<AsioStream> adopt(asio::io_context& io, Descriptor socket, int& error);

  explicit AsioStream(asio::io_context& io) : socket_(io) {}
  AsioStream(const AsioStream&) = delete;
  AsioStream& operator=(const AsioStream&) = delete;
  ~AsioStream() override;

  using Stream::try_read;
  using Stream::try_write;
  IoResult try_read(std::span<const Bytes> into) override;
  IoResult try_write(std::span<const ConstBytes> from) override;
  void wait(Side side, Waiter& waiter) override;
  void cancel() override;
  int finish_connect() override;
  void shut_write() override;
  void reset() override;
  [[nodiscard]] std::size_t unacknowledged() const override;
  [[nodiscard]] Endpoint local_endpoint() const override;
  [[nodiscard]] Endpoint peer_endpoint() const override;

  /// Has finish_connect() look at what keep_icmp() kept, and undo that.
  void note_icmp_kept(Family family) { icmp_kept_ = family; }

 private:
  struct Woken;
  // Asio's own accessor is not const.
  [[nodiscard]] int descriptor() const { return const_cast<IoDescriptor&>(socket_).native_handle(); }

  IoDescriptor socket_;
  IoResult failure();

  std::array<Waiter*, 2> waiters_{};  ///< by Side
  int error_ = 0;  ///< the first error but EPIPE: the kernel tells it once, and reads an end from then on
  std::optional<Family> icmp_kept_;  ///< of a socket whose connect is not known to have ended
};

}  // namespace ss::net
