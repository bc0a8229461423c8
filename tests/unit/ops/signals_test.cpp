#include "ss/ops/signals.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <thread>

namespace ss::ops {
namespace {

using Event = Signals::Event;

TEST(SignalsNext, TellsWhichSignalsCameTheStopsFirst) {
  Signals signals;
  std::raise(SIGUSR2);
  std::raise(SIGUSR1);
  std::raise(SIGHUP);
  std::raise(SIGTERM);
  std::raise(SIGINT);
  EXPECT_EQ(signals.next(Duration{}), Event::stop);
  EXPECT_EQ(signals.next(Duration{}), Event::stop);
  EXPECT_EQ(signals.next(Duration{}), Event::reload);
  EXPECT_EQ(signals.next(Duration{}), Event::report);
  EXPECT_EQ(signals.next(Duration{}), Event::replace);
  EXPECT_EQ(signals.next(Duration{}), std::nullopt);
}

TEST(SignalsNext, EndsWhenTheTimeHasRunOut) {
  Signals signals;
  EXPECT_EQ(signals.next(Duration{}), std::nullopt);
  EXPECT_EQ(signals.next(std::chrono::milliseconds(1)), std::nullopt);
}

TEST(SignalsNext, ReturnsAtAnyThreadsWake) {
  Signals signals;
  std::thread other([&] { signals.wake(); });
  EXPECT_EQ(signals.next(std::nullopt), Event::woken);
  other.join();
}

TEST(SignalsNext, LosesNoStopBehindMoreSignalsThanAPipeHolds) {
  Signals signals;
  for (int i = 0; i < 70'000; ++i) std::raise(SIGHUP);
  std::raise(SIGTERM);
  EXPECT_EQ(signals.next(Duration{}), Event::stop);
  EXPECT_EQ(signals.next(Duration{}), Event::reload);
}

TEST(SignalsNext, ForgetsWhatCameBeforeItsOwnLife) {
  {
    const Signals signals;
    std::raise(SIGTERM);
  }
  Signals signals;
  EXPECT_EQ(signals.next(Duration{}), std::nullopt);
}

TEST(SignalsTakeOver, TellsWhatIsMissingAndTakesNothing) {
  struct sigaction before {};
  struct sigaction after {};
  ::sigaction(SIGTERM, nullptr, &before);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit none{0, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  {
    const Signals signals;
    EXPECT_EQ(signals.error(), EMFILE);
    ::sigaction(SIGTERM, nullptr, &after);
  }
  ::setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
  EXPECT_EQ(Signals().error(), 0);
}

TEST(SignalsGiveBack, RestoresTheHandlersFromBefore) {
  struct sigaction before {};
  struct sigaction after {};
  ::sigaction(SIGTERM, nullptr, &before);
  { const Signals signals; }
  ::sigaction(SIGTERM, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

TEST(SignalsBlock, HoldsThemBackInThreadsStartedMeanwhile) {
  sigset_t inside;
  std::thread thread;
  {
    const SignalsBlocked blocked;
    thread = std::thread([&] { ::pthread_sigmask(SIG_BLOCK, nullptr, &inside); });
  }
  thread.join();
  sigset_t outside;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &outside);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) {
    EXPECT_EQ(sigismember(&inside, number), 1) << number;
    EXPECT_EQ(sigismember(&outside, number), 0) << number;
  }
}

}  // namespace
}  // namespace ss::ops
