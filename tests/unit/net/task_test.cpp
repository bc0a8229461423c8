#include "ss/net/task.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "ss/net/spawner.hpp"

namespace ss::net {
namespace {

/// Holds a coroutine until the test lets it go on.
class Gate {
 public:
  bool await_ready() const noexcept { return open_; }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
  void await_resume() const noexcept {}
  void open() {
    open_ = true;
    if (waiting_) std::exchange(waiting_, {}).resume();
  }

 private:
  std::coroutine_handle<> waiting_;
  bool open_ = false;
};

Task<int> give(int value) {
  co_return value;
}
Task<int> give_later(Gate& gate, int value) {
  co_await gate;
  co_return value;
}
Task<int> fail(const char* why) {
  throw std::runtime_error(why);
  co_return 0;
}
Task<> fail_later(Gate& gate) {
  co_await gate;
  throw std::runtime_error("later");
}

Task<> take(Task<int> task, int& into) {
  const int value = co_await task;
  into = value;
}

Task<std::unique_ptr<int>> give_boxed(int value) {
  co_return std::make_unique<int>(value);
}
Task<> take_boxed(Task<std::unique_ptr<int>> task, std::unique_ptr<int>& into) {
  into = co_await task;
}

TEST(TaskAwait, DoesNotRunBeforeItIsAwaited) {
  bool ran = false;
  const auto body = [](bool& flag) -> Task<> {
    flag = true;
    co_return;
  };
  {
    const Task<> never = body(ran);
    EXPECT_FALSE(ran);
  }
  EXPECT_FALSE(ran);
  Spawner spawner;
  spawner.spawn(body(ran));
  EXPECT_TRUE(ran);
}

TEST(TaskAwait, YieldsAValueThatWasThereAtOnce) {
  Spawner spawner;
  int value = 0;
  spawner.spawn(take(give(7), value));
  EXPECT_EQ(value, 7);
  EXPECT_EQ(spawner.live(), 0U);
}

TEST(TaskAwait, YieldsAValueThatCameLater) {
  Spawner spawner;
  Gate gate;
  int value = 0;
  spawner.spawn(take(give_later(gate, 8), value));
  EXPECT_EQ(value, 0);
  EXPECT_EQ(spawner.live(), 1U);
  gate.open();
  EXPECT_EQ(value, 8);
  EXPECT_EQ(spawner.live(), 0U);
}

TEST(TaskAwait, MovesAValueThatCannotBeCopied) {
  Spawner spawner;
  std::unique_ptr<int> got;
  spawner.spawn(take_boxed(give_boxed(9), got));
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, 9);
}

Task<> catch_from(Task<int> task, std::string& why) {
  try {
    static_cast<void>(co_await task);
  } catch (const std::runtime_error& error) {
    why = error.what();
  }
}
Task<> catch_from_void(Task<> task, std::string& why) {
  try {
    co_await task;
  } catch (const std::runtime_error& error) {
    why = error.what();
  }
}

TEST(TaskAwait, ThrowsWhatEscapedTheTask) {
  Spawner spawner;
  std::string why;
  spawner.spawn(catch_from(fail("at once"), why));
  EXPECT_EQ(why, "at once");
  Gate gate;
  spawner.spawn(catch_from_void(fail_later(gate), why));
  gate.open();
  EXPECT_EQ(why, "later");
  EXPECT_EQ(spawner.escaped(), 0U);
}

Task<> add_up(int times, std::uint64_t& sum) {
  for (int i = 0; i < times; ++i) {
    const int value = co_await give(i);
    sum += static_cast<std::uint64_t>(value);
  }
}

// A frame of a resumed coroutine costs over 100 bytes of stack without tail calls: a stack of 8 MiB would be gone long
// before.
TEST(TaskAwait, KeepsTheStackFlatOverAMillionReadyTasks) {
  Spawner spawner;
  std::uint64_t sum = 0;
  spawner.spawn(add_up(1'000'000, sum));
  EXPECT_EQ(sum, 499'999'500'000U);
}

/// Suspends once, and is resumed by the loop below rather than by a reactor.
struct Yield {
  std::coroutine_handle<>& slot;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { slot = waiting; }
  void await_resume() const noexcept {}
};
Task<> yield_once(std::coroutine_handle<>& slot) {
  co_await Yield{slot};
}
Task<> yield_often(std::coroutine_handle<>& slot, int times, int& done) {
  for (; done < times; ++done) co_await yield_once(slot);
}

TEST(TaskAwait, KeepsTheStackFlatOverAMillionResumedTasks) {
  Spawner spawner;
  std::coroutine_handle<> slot;
  int done = 0;
  spawner.spawn(yield_often(slot, 1'000'000, done));
  while (slot) std::exchange(slot, {}).resume();
  EXPECT_EQ(done, 1'000'000);
}

Task<> start_two(Gate& first, Gate& second, std::string& trace) {
  const auto step = [](Gate& gate, std::string& log, char name) -> Task<char> {
    log += name;
    co_await gate;
    co_return name;
  };
  Task<char> a = step(first, trace, 'a');
  Task<char> b = step(second, trace, 'b');
  a.start();
  b.start();
  const char from_a = co_await a;
  trace += from_a;
  const char from_b = co_await b;
  trace += from_b;
}

TEST(TaskStart, RunsTwoTasksBesideEachOther) {
  Spawner spawner;
  Gate first, second;
  std::string trace;
  spawner.spawn(start_two(first, second, trace));
  EXPECT_EQ(trace, "ab");
  second.open();
  EXPECT_EQ(trace, "ab");
  first.open();
  EXPECT_EQ(trace, "abab");
  EXPECT_EQ(spawner.live(), 0U);
}

TEST(TaskStart, LetsATaskEndBeforeItIsAwaited) {
  Spawner spawner;
  Gate first, second;
  first.open();
  second.open();
  std::string trace;
  spawner.spawn(start_two(first, second, trace));
  EXPECT_EQ(trace, "abab");
}

TEST(TaskDestroy, DestroysWhatItsFrameHolds) {
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = held;
  Gate gate;
  const auto body = [](std::shared_ptr<int> keeps, Gate& at) -> Task<> {
    co_await at;
    static_cast<void>(keeps);
  };
  {
    Task<> task = body(std::move(held), gate);
    task.start();
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace ss::net
