#pragma once

#if !defined(SS_PORTABLE) && defined(__linux__)
#define SS_DATAGRAM_POLL 1
#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <vector>

#include "asio.hpp"
#include "descriptor.hpp"
#include "ss/net/stream.hpp"

namespace ss::net {

/// Waits on many UDP sockets behind one descriptor of Asio's reactor: an epoll of its own, which the reactor's holds.
///
/// Asio keeps 176 bytes for each descriptor and 112 for each wait that is pending, which is a third of what an idle UDP
/// association may cost; here both are in the socket. Sockets stay armed from one wait to the next, so that a turn
/// costs no system call for each of them, as it does with Asio; where one has something and nobody waits it is
/// disarmed.
///
/// Owner: the worker; outlives its sockets. Threads: the worker's.
class DatagramPoll {
 public:
  /// A socket that takes part, and who waits on it.
  ///
  /// Owner: the socket's. Threads: the worker's. Not destroyed while a Waiter is pending, unless the loop has stopped.
  class Member {
   public:
    Member(DatagramPoll& poll, Descriptor socket) : poll_(poll), socket_(std::move(socket)) {}
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member();

    /// Takes part from now on.
    /// @return errno; 0: done.
    int join();
    void wait(Side side, Waiter& waiter);
    void cancel();
    [[nodiscard]] int descriptor() const { return socket_.get(); }

   private:
    friend class DatagramPoll;
    void happened(std::uint32_t events);
    void complete_cancelled();
    bool complete(Side side, WaitOutcome outcome);
    [[nodiscard]] bool waits() const { return waiters_[0] != nullptr || waiters_[1] != nullptr; }
    void arm(std::uint32_t events);

    DatagramPoll& poll_;
    Descriptor socket_;
    std::uint16_t armed_ = 0;           // EPOLLIN, EPOLLOUT: what the kernel was asked to tell
    bool cancelled_ = false;            // its waits complete soon; until then something waits
    std::array<Waiter*, 2> waiters_{};  // by Side
  };

  explicit DatagramPoll(asio::io_context& io);
  DatagramPoll(const DatagramPoll&) = delete;
  DatagramPoll& operator=(const DatagramPoll&) = delete;

 private:
  struct WaitAgain;
  void wait_for_any();
  void run();
  void forget(const Member& member);
  void cancel_soon(Member& member);

  IoDescriptor epoll_;
  std::array<epoll_event, 64> events_{};
  // Those that are still to be told in this turn.
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::vector<Member*> cancelled_;
};

}  // namespace ss::net
#endif
