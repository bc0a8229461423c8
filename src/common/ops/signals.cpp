#include "ss/ops/signals.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "ss/base/assert.hpp"

namespace ss::ops {

namespace {

constexpr std::array<int, 5> kSignals = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};

// A signal handler reaches nothing but globals. It counts, so that no flood of one event can drown another, and writes
// to the pipe only to end a wait.
std::array<int, 2> the_pipe = {-1, -1};
std::array<std::atomic<unsigned>, 5> the_events{};
static_assert(std::atomic<unsigned>::is_always_lock_free);
std::array<struct sigaction, kSignals.size()> the_ones_before{};

void put(Signals::Event event) {
  the_events[static_cast<std::size_t>(event)].fetch_add(1);
  // A full pipe ends the wait just as well.
  [[maybe_unused]] const ssize_t written = ::write(the_pipe[1], "", 1);
}

// The most urgent event that has not been told yet.
std::optional<Signals::Event> take() {
  for (std::size_t i = 0; i < the_events.size(); ++i) {
    if (the_events[i].load() == 0) continue;
    the_events[i].fetch_sub(1);
    return static_cast<Signals::Event>(i);
  }
  return std::nullopt;
}

Signals::Event event_of(int number) {
  switch (number) {
    case SIGHUP:
      return Signals::Event::reload;
    case SIGUSR1:
      return Signals::Event::report;
    case SIGUSR2:
      return Signals::Event::replace;
    default:
      return Signals::Event::stop;
  }
}

extern "C" void on_signal(int number) {
  const int error = errno;
  put(event_of(number));
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
  if (::pipe(the_pipe.data()) != 0) {
    error_ = errno;
    return;
  }
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
  if (error_ != 0) return;
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &the_ones_before[i], nullptr);
  for (int& end : the_pipe) {
    ::close(end);
    end = -1;
  }
  for (auto& event : the_events) event = 0;
}

std::optional<Signals::Event> Signals::next(std::optional<Duration> timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout.value_or(Duration{});
  for (;;) {
    // The pipe is emptied before the look, so that what comes after the look finds it empty and fills it.
    std::array<char, 64> emptied{};
    while (::read(the_pipe[0], emptied.data(), emptied.size()) > 0) continue;
    if (const auto event = take()) return event;
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
