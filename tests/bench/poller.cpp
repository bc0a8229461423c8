#include "poller.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace ss::bench {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) {
    std::perror("epoll_create1");
    std::exit(1);
  }
}

Poller::~Poller() {
  close(epoll_);
}

void Poller::control(int operation, int fd, Handler& handler, std::uint32_t events) const {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  if (epoll_ctl(epoll_, operation, fd, &event) != 0) {
    std::perror("epoll_ctl");
    std::exit(1);
  }
}

void Poller::retire(int fd, std::unique_ptr<Handler> handler) {
  close(fd);
  retired_.push_back(std::move(handler));
}

void Poller::run_once(int timeout_ms) {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  for (int i = 0; i < count; ++i) {
    static_cast<Handler*>(events[static_cast<std::size_t>(i)].data.ptr)
        ->ready(events[static_cast<std::size_t>(i)].events);
  }
  retired_.clear();
}

}  // namespace ss::bench
