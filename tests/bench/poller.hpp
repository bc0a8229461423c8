#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace ss::bench {

/// Something with a descriptor in the poller.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void ready(std::uint32_t events) = 0;
};

/// One thread's epoll, level-triggered. Handlers are freed between two rounds, never within one.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int fd, Handler& handler, std::uint32_t events) { control(EPOLL_CTL_ADD, fd, handler, events); }
  void change(int fd, Handler& handler, std::uint32_t events) { control(EPOLL_CTL_MOD, fd, handler, events); }
  /// Closes `fd` and frees `handler` after this round.
  void retire(int fd, std::unique_ptr<Handler> handler);
  /// Waits up to `timeout_ms` (-1: as long as it takes) and hands out what is ready.
  void run_once(int timeout_ms);

 private:
  void control(int operation, int fd, Handler& handler, std::uint32_t events) const;
  int epoll_;
  std::vector<std::unique_ptr<Handler>> retired_;
};

}  // namespace ss::bench
