#include "ss/relay/session_list.hpp"

#include <algorithm>

#include "ss/net/datagram.hpp"
#include "ss/net/dial.hpp"

namespace ss::relay {

using namespace std::chrono_literals;

namespace {

/// A quarter of the shortest limit, so that a session ends at most that much late; never busier than once a second.
Duration sweep_length(const SessionList::Limits& limits) {
  Duration shortest = Duration::max();
  if (limits.idle > 0ns) shortest = std::min(shortest, limits.idle);
  if (limits.half_closed > 0ns) shortest = std::min(shortest, limits.half_closed);
  if (shortest == Duration::max()) return 0ns;
  return std::max<Duration>(shortest / 4, 1s);
}

}  // namespace

LiveSession::LiveSession(SessionList& list)
    : list_(list), next_(list.first_), last_sweep_(list.sweeps_), stopping_(list.draining_) {
  if (next_ != nullptr) next_->prev_ = this;
  list_.first_ = this;
  ++list_.size_;
  if (list_.sweep_every_ > 0ns && !list_.sweep_.running()) list_.timers_.start(list_.sweep_, list_.sweep_every_);
}

LiveSession::~LiveSession() {
  if (prev_ != nullptr) {
    prev_->next_ = next_;
  } else {
    list_.first_ = next_;
  }
  if (next_ != nullptr) next_->prev_ = prev_;
  --list_.size_;
}

void LiveSession::stop() {
  stopping_ = true;
  if (dial != nullptr) dial->cancel();
  if (client != nullptr) client->cancel();
  if (upstream != nullptr) upstream->cancel();
  if (datagram != nullptr) datagram->cancel();
}

SessionList::SessionList(net::Timers& timers, const Limits& limits)
    : timers_(timers), limits_(limits), sweep_every_(sweep_length(limits)), sweep_(*this) {}

SessionList::~SessionList() {
  SS_ASSERT(size_ == 0);
}

void SessionList::stop_all() {
  for (LiveSession* session = first_; session != nullptr; session = session->next_) session->stop();
}

void SessionList::stop_starting() {
  draining_ = true;
  for (LiveSession* session = first_; session != nullptr; session = session->next_) {
    if (session->state_ == LiveSession::State::starting) session->stop();
  }
}

void SessionList::sweep() noexcept {
  ++sweeps_;
  for (LiveSession* session = first_; session != nullptr; session = session->next_) {
    if (!session->stopping_ && silent_too_long(*session)) session->stop();
  }
  if (size_ > 0) timers_.start(sweep_, sweep_every_);
}

bool SessionList::silent_too_long(const LiveSession& session) const {
  // A stamp says only during which sweep a byte moved, so one whole sweep is taken off: no session ends early.
  const Duration silent = sweep_every_ * (static_cast<std::int64_t>(sweeps_ - session.last_sweep_) - 1);
  switch (session.state_) {
    case LiveSession::State::starting:
    case LiveSession::State::admitted:
      return false;
    case LiveSession::State::relaying:
      return limits_.idle > 0ns && silent >= limits_.idle;
    case LiveSession::State::half_closed:
      return limits_.half_closed > 0ns && silent >= limits_.half_closed;
  }
  return false;
}

}  // namespace ss::relay
