#include "socket_poll.hpp"

#if defined(SS_EPOLL)
#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "ss/base/assert.hpp"

namespace ss::net {
namespace {

/// Sockets of bulk that are told before the loop looks at timers, posted work and TCP listeners again. Each saves two
/// calls of the kernel.
constexpr int kBulkARound = 4;

std::uint32_t event_of(Side side) {
  return side == Side::read ? EPOLLIN : EPOLLOUT;
}

/// What the kernel is asked for: with nothing wanted at most one error is told.
epoll_event registration(std::uint32_t events, void* member) {
  epoll_event event{};
  event.events = events == 0 ? static_cast<std::uint32_t>(EPOLLONESHOT) : events;
  event.data.ptr = member;
  return event;
}

}  // namespace

EpollPoll::Member::~Member() {
  SS_ASSERT(wanted() == 0 || poll_.epoll_.get_executor().context().stopped());
  leave();
}

int EpollPoll::Member::join(std::optional<Side> first) {
  armed_ = first ? static_cast<std::uint8_t>(event_of(*first)) : 0;
  epoll_event event = registration(armed_, this);
  return ::epoll_ctl(poll_.epoll_.native_handle(), EPOLL_CTL_ADD, descriptor(), &event) == 0 ? 0 : errno;
}

void EpollPoll::Member::leave() {
  if (!socket_.open()) return;
  poll_.forget(*this);
  // Not left to the end of the descriptor: a child process may have inherited it.
  ::epoll_ctl(poll_.epoll_.native_handle(), EPOLL_CTL_DEL, descriptor(), nullptr);
}

void EpollPoll::Member::close() {
  leave();
  socket_.reset();
  cancel();
}

/// The events of the sides that somebody waits on.
std::uint32_t EpollPoll::Member::wanted() const {
  std::uint32_t events = 0;
  for (const Side side : {Side::read, Side::write}) {
    if (waiters_[static_cast<std::size_t>(side)] != nullptr) events |= event_of(side);
  }
  return events;
}

/// Has the kernel tell `events`, again and again while they last.
void EpollPoll::Member::arm(std::uint32_t events) {
  if (armed_ == events) return;
  armed_ = static_cast<std::uint8_t>(events);
  epoll_event event = registration(events, this);
  [[maybe_unused]] const int done = ::epoll_ctl(poll_.epoll_.native_handle(), EPOLL_CTL_MOD, descriptor(), &event);
  SS_ASSERT(done == 0);
}

void EpollPoll::Member::wait(Side side, Waiter& waiter) {
  Waiter*& slot = waiters_[static_cast<std::size_t>(side)];
  SS_ASSERT(slot == nullptr);
  slot = &waiter;
  if (!socket_.open()) {
    cancel();
  } else if ((armed_ & event_of(side)) == 0) {
    arm(wanted());
  }
}

void EpollPoll::Member::cancel() {
  const auto waiting = static_cast<std::uint8_t>(wanted());
  if (waiting != 0 && std::exchange(cancelled_, waiting) == 0) poll_.cancel_soon(*this);
}

/// @return false: nobody waited. After true this may be gone.
bool EpollPoll::Member::complete(Side side, WaitOutcome outcome) {
  Waiter* const waiter = std::exchange(waiters_[static_cast<std::size_t>(side)], nullptr);
  if (waiter != nullptr) waiter->complete(outcome);
  return waiter != nullptr;
}

void EpollPoll::Member::happened(std::uint32_t events) {
  constexpr std::uint32_t kError = EPOLLERR | EPOLLHUP;
  for (const Side side : {Side::read, Side::write}) {
    if ((cancelled_ & event_of(side)) != 0) continue;
    // One at a time: what else there is will be told again.
    if ((events & (event_of(side) | kError)) != 0 && complete(side, WaitOutcome::ready)) return;
  }
  arm(wanted());
}

void EpollPoll::Member::complete_cancelled() {
  const std::uint8_t sides = std::exchange(cancelled_, std::uint8_t{0});
  // Where both wait, this outlives the first.
  for (const Side side : {Side::read, Side::write}) {
    if ((sides & event_of(side)) != 0) complete(side, WaitOutcome::cancelled);
  }
}

EpollPoll::EpollPoll(asio::io_context& io) : epoll_(io) {
  Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.open()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  epoll_.assign(epoll.get());
  static_cast<void>(epoll.release());
  wait_for_any();
}

void EpollPoll::wait_for_any() {
  epoll_.async_wait(IoDescriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) run();
  });
}

/// Also where something escapes a waiter: the others go on.
struct EpollPoll::WaitAgain {
  EpollPoll& poll;
  ~WaitAgain() {
    poll.next_ = poll.count_ = 0;
    poll.wait_for_any();
  }
};

void EpollPoll::run() {
  const WaitAgain after{*this};
  for (int i = 0; i < kBulkARound; ++i) {
    tell_light();
    if (row_.empty()) return;
    tell_next_bulk();
  }
  // What is left of bulk stays armed, so that the reactor comes back here at once.
}

/// Tells who waits for little what has come; bulk takes its place in the row.
void EpollPoll::tell_light() {
  const int found = ::epoll_wait(epoll_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
  next_ = 0;
  count_ = static_cast<std::size_t>(std::max(found, 0));
  while (next_ < count_) {
    const epoll_event& event = events_[next_++];
    auto* const member = static_cast<Member*>(event.data.ptr);
    if (member == nullptr) continue;
    if (!member->bulk_ && member->due_ == 0) {
      member->happened(event.events);
      continue;
    }
    if (member->due_ == 0) row_.push_back(member);
    member->due_ = static_cast<std::uint8_t>(event.events);
  }
}

void EpollPoll::tell_next_bulk() {
  Member& member = *row_.front();
  row_.pop_front();
  member.happened(std::exchange(member.due_, std::uint8_t{0}));
}

void EpollPoll::forget(Member& member) {
  for (std::size_t i = next_; i < count_; ++i) {
    if (events_[i].data.ptr == &member) events_[i].data.ptr = nullptr;
  }
  if (std::exchange(member.due_, std::uint8_t{0}) != 0) std::erase(row_, &member);
}

void EpollPoll::cancel_soon(Member& member) {
  cancelled_.push_back(&member);
  // Each has somebody waiting, so none goes before its turn.
  asio::post(epoll_.get_executor(), [this] {
    while (!cancelled_.empty()) {
      Member* const one = cancelled_.back();
      cancelled_.pop_back();
      one->complete_cancelled();
    }
  });
}

}  // namespace ss::net
#endif
