#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "asio.hpp"
#include "descriptor.hpp"
#include "ss/net/stream.hpp"

namespace ss::net {

/// Waits on a worker's sockets behind one descriptor of Asio's reactor: an epoll of its own, which the reactor's holds
/// (docs/decisions/0019).
///
/// Sockets stay armed from one wait to the next, so that a round of the loop costs no system call for each of them, as
/// it does with Asio; where one has something and nobody waits it is disarmed. What a socket costs is in the socket.
///
/// Bulk stands back: sockets that moved much the last time stand in a row and are told one after the other, and what
/// else has come is told before each of them (docs/decisions/0020).
///
/// Owner: the worker; outlives its sockets. Threads: the worker's.
class EpollPoll {
 public:
  /// A socket that takes part, and who waits on it.
  ///
  /// Owner: the socket's. Threads: the worker's. Not destroyed while a Waiter is pending, unless the loop has stopped.
  class Member {
   public:
    Member(EpollPoll& poll, Descriptor socket) : poll_(poll), socket_(std::move(socket)) {}
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member();

    /// Takes part from now on.
    /// @param first  the side that will be waited on first, soon.
    /// @return errno; 0: done.
    int join(std::optional<Side> first = std::nullopt);
    /// As Stream::wait and Stream::cancel. After `close` a wait completes `cancelled`.
    void wait(Side side, Waiter& waiter);
    void cancel();
    /// Closes the descriptor; what waits is cancelled.
    void close();
    /// Notes what the last read or write has moved: from kBulk on, both sides are told as bulk until the next one.
    void note_moved(std::size_t bytes) { bulk_ = bytes >= kBulk; }
    /// -1 once closed.
    [[nodiscard]] int descriptor() const { return socket_.get(); }

   private:
    friend class EpollPoll;
    void happened(std::uint32_t events);
    void complete_cancelled();
    void leave();
    bool complete(Side side, WaitOutcome outcome);
    [[nodiscard]] std::uint32_t wanted() const;
    void arm(std::uint32_t events);

    EpollPoll& poll_;
    Descriptor socket_;
    std::uint8_t armed_ = 0;            // EPOLLIN, EPOLLOUT: what the kernel was asked to tell
    std::uint8_t due_ = 0;              // events to be told at its place in the row of bulk; 0: it stands not there
    std::uint8_t cancelled_ = 0;        // EPOLLIN, EPOLLOUT: which waits complete soon
    bool bulk_ = false;                 // the last read or write moved kBulk
    std::array<Waiter*, 2> waiters_{};  // by Side
  };

  explicit EpollPoll(asio::io_context& io);
  EpollPoll(const EpollPoll&) = delete;
  EpollPoll& operator=(const EpollPoll&) = delete;

 private:
  struct WaitAgain;
  void wait_for_any();
  void run();
  void tell_light();
  void tell_next_bulk();
  void forget(Member& member);
  void cancel_soon(Member& member);

  IoDescriptor epoll_;
  std::array<epoll_event, 64> events_{};
  // Those that are still to be told in this turn.
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::deque<Member*> row_;  // of bulk: each with something due
  std::vector<Member*> cancelled_;
};

}  // namespace ss::net
