#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "asio.hpp"
#include "descriptor.hpp"
#include "ss/net/stream.hpp"

namespace ss::net {

/// EpollPoll for systems without epoll: each socket waits in Asio's reactor.
///
/// Owner: the worker; outlives its sockets. Threads: the worker's.
class AsioPoll {
 public:
  /// As EpollPoll::Member.
  class Member {
   public:
    Member(AsioPoll& poll, Descriptor socket) : asio_(poll.io_), joining_(std::move(socket)) {}
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member();

    int join(std::optional<Side> first = std::nullopt);
    void wait(Side side, Waiter& waiter);
    void cancel();
    void close();
    /// Asio tells all in the order in which it came.
    void note_moved(std::size_t /*bytes*/) {}
    // Asio's own accessor is not const.
    [[nodiscard]] int descriptor() const { return const_cast<IoDescriptor&>(asio_).native_handle(); }

   private:
    struct Woken;

    IoDescriptor asio_;
    Descriptor joining_;                // until join
    std::array<Waiter*, 2> waiters_{};  // by Side
  };

  explicit AsioPoll(asio::io_context& io) : io_(io) {}
  AsioPoll(const AsioPoll&) = delete;
  AsioPoll& operator=(const AsioPoll&) = delete;

 private:
  asio::io_context& io_;
};

}  // namespace ss::net
