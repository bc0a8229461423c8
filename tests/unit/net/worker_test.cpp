#include "ss/net/worker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "loopback.hpp"
#include "ss/net/sleep.hpp"

namespace ss::net {
namespace {

using namespace test;

TEST(WorkerPost, RunsOnTheWorkersThreadInOrder) {
  Worker worker(0);
  std::vector<int> order;
  std::thread::id ran_on;
  std::thread runner([&] { EXPECT_TRUE(run_bounded(worker)); });
  const std::thread::id expected = runner.get_id();
  std::thread poster([&] {
    worker.post([&] { order.push_back(1); });
    worker.post([&] { order.push_back(2); });
    worker.post([&] {
      ran_on = std::this_thread::get_id();
      worker.stop();
    });
  });
  poster.join();
  runner.join();
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_EQ(ran_on, expected);
}

TEST(WorkerPost, DoesNotRunFromInside) {
  Worker worker(0);
  std::string trace;
  worker.post([&] {
    worker.post([&] {
      trace += 'b';
      worker.stop();
    });
    trace += 'a';
  });
  EXPECT_EQ(trace, "");
  EXPECT_TRUE(run_bounded(worker));
  EXPECT_EQ(trace, "ab");
}

TEST(WorkerStop, MakesALaterRunReturnAtOnce) {
  Worker worker(0);
  bool ran = false;
  worker.post([&] { ran = true; });
  worker.stop();
  worker.run();
  EXPECT_FALSE(ran);
}

TEST(WorkerRun, GoesOnAfterAnEscapedException) {
  Worker worker(0);
  testing::internal::CaptureStderr();
  worker.post([] { throw std::runtime_error("on purpose"); });
  worker.post([&] { worker.stop(); });
  EXPECT_TRUE(run_bounded(worker));
  testing::internal::GetCapturedStderr();
}

Task<> nap_and_stop(Worker& worker) {
  co_await sleep(worker.timers(), 1ms);
  worker.stop();
}

TEST(WorkerTimers, AreWokenByTheClock) {
  Worker worker(0);
  const MonoTime before = worker.clock().now();
  worker.spawner().spawn(nap_and_stop(worker));
  EXPECT_TRUE(run_bounded(worker));
  EXPECT_GE(worker.clock().now() - before, 1ms);
}

Task<> wait_for_ever(std::unique_ptr<Stream> stream, std::shared_ptr<int> held) {
  co_await ready(*stream, Side::read);
  *held = 1;
}
Task<> sleep_for_ever(Timers& timers, std::shared_ptr<int> held) {
  co_await sleep(timers, 1h);
  *held = 2;
}

TEST(WorkerDestroy, DropsSessionsWhereTheyStand) {
  const auto held = std::make_shared<int>(0);
  auto [peer, socket] = tcp_pair();
  {
    Worker worker(0);
    worker.spawner().spawn(wait_for_ever(worker.adopt(socket.release()), held));
    worker.spawner().spawn(sleep_for_ever(worker.timers(), held));
    EXPECT_EQ(worker.load(), 2U);
    worker.post([&] { worker.stop(); });
    EXPECT_TRUE(run_bounded(worker));
    EXPECT_EQ(held.use_count(), 3);
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 0);
  EXPECT_TRUE(peer.at_end());
}

TEST(WorkerAdopt, ClosesWhatTheReactorCannotTake) {
  Worker worker(0);
  EXPECT_FALSE(worker.adopt(-1));
}

}  // namespace
}  // namespace ss::net
