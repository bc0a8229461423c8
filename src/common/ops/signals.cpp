#include "ss/ops/signals.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "ss/base/assert.hpp"

namespace ss::ops {

namespace {

constexpr std::array<int, 3> kSignals = {SIGTERM, SIGINT, SIGHUP};

// A signal handler reaches nothing but globals.
std::array<int, 2> the_pipe = {-1, -1};
std::array<struct sigaction, kSignals.size()> the_ones_before{};

void put(Signals::Event event) {
  const auto byte = static_cast<std::uint8_t>(event);
  // A full pipe holds plenty of events already.
  [[maybe_unused]] const ssize_t written = ::write(the_pipe[1], &byte, 1);
}

extern "C" void on_signal(int number) {
  const int error = errno;
  put(number == SIGHUP ? Signals::Event::reload : Signals::Event::stop);
  errno = error;
}

sigset_t the_set() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kSignals) sigaddset(&set, number);
  return set;
}

}  // namespace

Signals::Signals() {
  SS_ASSERT(the_pipe[0] < 0);
  if (::pipe(the_pipe.data()) != 0) return;
  for (const int end : the_pipe) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  }
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &the_ones_before[i]);
}

Signals::~Signals() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &the_ones_before[i], nullptr);
  for (int& end : the_pipe) {
    ::close(end);
    end = -1;
  }
}

std::optional<Signals::Event> Signals::next(std::optional<Duration> timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout.value_or(Duration{});
  for (;;) {
    std::uint8_t byte = 0;
    if (::read(the_pipe[0], &byte, 1) == 1) return static_cast<Event>(byte);
    int wait_ms = -1;
    if (timeout) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left <= Duration{}) return std::nullopt;
      wait_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
    }
    pollfd waits{the_pipe[0], POLLIN, 0};
    ::poll(&waits, 1, wait_ms);
  }
}

void Signals::wake() {
  put(Event::woken);
}

SignalsBlocked::SignalsBlocked() {
  const sigset_t set = the_set();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

SignalsBlocked::~SignalsBlocked() {
  const sigset_t set = the_set();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace ss::ops
