#include "socket_poll.hpp"

#if !defined(SS_EPOLL)
#include <utility>

#include "ss/base/assert.hpp"

namespace ss::net {

/// What Asio keeps while a wait is pending: two words, in memory that it recycles.
struct AsioPoll::Member::Woken {
  Member* member;
  Side side;
  void operator()(const boost::system::error_code& error) const {
    Waiter* const waiter = std::exchange(member->waiters_[static_cast<std::size_t>(side)], nullptr);
    // What is not a cancel shows itself at the next attempt.
    const bool cancelled = error == asio::error::operation_aborted || error == asio::error::bad_descriptor;
    waiter->complete(cancelled ? WaitOutcome::cancelled : WaitOutcome::ready);
  }
};

AsioPoll::Member::~Member() {
  SS_ASSERT((!waiters_[0] && !waiters_[1]) || asio_.get_executor().context().stopped());
}

int AsioPoll::Member::join(std::optional<Side> /*first*/) {
  boost::system::error_code failed;
  asio_.assign(joining_.get(), failed);
  if (failed) return failed.value();
  static_cast<void>(joining_.release());
  // Tells Asio that the socket is non-blocking already, or every first wait would ask the kernel.
  asio_.native_non_blocking(true, failed);
  return 0;
}

void AsioPoll::Member::wait(Side side, Waiter& waiter) {
  Waiter*& slot = waiters_[static_cast<std::size_t>(side)];
  SS_ASSERT(!slot);
  slot = &waiter;
  asio_.async_wait(side == Side::read ? IoDescriptor::wait_read : IoDescriptor::wait_write, Woken{this, side});
}

void AsioPoll::Member::cancel() {
  boost::system::error_code ignored;
  asio_.cancel(ignored);
}

void AsioPoll::Member::close() {
  boost::system::error_code ignored;
  asio_.close(ignored);
}

}  // namespace ss::net
#endif
