#include "ss/net/timers.hpp"

#include <algorithm>

namespace ss::net {
namespace {

using detail::TimerLink;

void unlink(TimerLink& link) {
  link.prev->next = link.next;
  link.next->prev = link.prev;
  link.prev = link.next = nullptr;
}

void append(TimerLink& head, TimerLink& link) {
  link.prev = head.prev;
  link.next = &head;
  head.prev->next = &link;
  head.prev = &link;
}

}  // namespace

void Timer::stop() {
  if (running()) unlink(*this);
}

Timers::~Timers() {
  // Timers that are still running are left at rest, so that their own destructors touch nothing of ours.
  for (auto& [length, queue] : queues_) {
    while (queue.head.next != &queue.head) unlink(*queue.head.next);
  }
}

void Timers::start(Timer& timer, Duration after) {
  timer.stop();
  after = std::max(after, Duration::zero());
  const MonoTime now = clock_.now();
  timer.when_ = after < MonoTime::max() - now ? now + after : MonoTime::max();
  append(queues_[after].head, timer);
  // What is to happen soon is somebody's cancellation: it does not wait for the grain.
  arm(after == Duration::zero() ? now : std::max(timer.when_, quiet_until_));
}

void Timers::arm(MonoTime when) {
  if (running_ || when >= alarm_at_) return;
  alarm_at_ = when;
  alarm_.set(when);
}

void Timers::run() {
  const MonoTime now = clock_.now();
  running_ = true;
  // What is due is taken out first: a timer that is started anew while others expire waits for the next run, and one
  // that is stopped or destroyed unlinks itself from this ring as from any other.
  TimerLink due{&due, &due};
  take_due(now, due);
  while (due.next != &due) {
    Timer& timer = static_cast<Timer&>(*due.next);
    unlink(timer);
    timer.expired();
  }
  running_ = false;

  if (queues_.size() > kMaxIdleQueues) {
    std::erase_if(queues_, [](const auto& entry) { return entry.second.head.next == &entry.second.head; });
  }
  alarm_at_ = MonoTime::max();
  quiet_until_ = now + kGrain;
  if (const Timer* next = earliest()) {
    const auto soon = queues_.find(Duration::zero());
    const bool waits_for_grain = soon == queues_.end() || soon->second.head.next == &soon->second.head;
    arm(waits_for_grain ? std::max(next->when_, quiet_until_) : next->when_);
  }
}

void Timers::take_due(MonoTime now, TimerLink& due) {
  for (Timer* next = earliest(); next && next->when_ <= now; next = earliest()) {
    unlink(*next);
    append(due, *next);
  }
}

Timer* Timers::earliest() {
  Timer* first = nullptr;
  for (auto& [length, queue] : queues_) {
    if (queue.head.next == &queue.head) continue;
    Timer& front = static_cast<Timer&>(*queue.head.next);
    if (!first || front.when_ < first->when_) first = &front;
  }
  return first;
}

}  // namespace ss::net
