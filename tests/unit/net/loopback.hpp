#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "ss/net/worker.hpp"

namespace ss::net::test {

using namespace std::chrono_literals;

inline Endpoint loopback(std::uint16_t port) {
  return {IpAddress(IpAddress::V4{127, 0, 0, 1}), port};
}

/// Runs `worker` on this thread until `stop` is called, or five seconds are over. @return whether it was stopped in
/// time.
inline bool run_bounded(Worker& worker) {
  struct Limit final : Timer {
    explicit Limit(Worker& w) : worker(w) {}
    void expired() noexcept override {
      hit = true;
      worker.stop();
    }
    Worker& worker;
    bool hit = false;
  };
  Limit limit(worker);
  worker.timers().start(limit, 5s);
  worker.run();
  return !limit.hit;
}

}  // namespace ss::net::test
