#include "ss/net/spawner.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace ss::net {
namespace {

Task<> suspend(std::vector<std::coroutine_handle<>>& handles, std::shared_ptr<int> held) {
  struct Park {
    std::vector<std::coroutine_handle<>>& into;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) { into.push_back(waiting); }
    void await_resume() const noexcept {}
  };
  co_await Park{handles};
  *held += 1;
}

Task<> throw_out(bool of_std) {
  if (of_std) throw std::runtime_error("on purpose");
  throw 42;
  co_return;
}

TEST(SpawnerSpawn, CountsWhatHasNotEnded) {
  Spawner spawner;
  std::vector<std::coroutine_handle<>> handles;
  const auto count = std::make_shared<int>(0);
  for (int i = 0; i < 3; ++i) spawner.spawn(suspend(handles, count));
  EXPECT_EQ(spawner.live(), 3U);
  handles[1].resume();
  EXPECT_EQ(spawner.live(), 2U);
  handles[0].resume();
  handles[2].resume();
  EXPECT_EQ(spawner.live(), 0U);
  EXPECT_EQ(*count, 3);
}

TEST(SpawnerSpawn, CountsAnExceptionThatEscapes) {
  Spawner spawner;
  testing::internal::CaptureStderr();
  spawner.spawn(throw_out(true));
  spawner.spawn(throw_out(false));
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(spawner.escaped(), 2U);
  EXPECT_EQ(spawner.live(), 0U);
}

TEST(SpawnerDestroy, DestroysSessionsWhereTheyStand) {
  const auto count = std::make_shared<int>(0);
  std::vector<std::coroutine_handle<>> handles;
  {
    Spawner spawner;
    for (int i = 0; i < 3; ++i) spawner.spawn(suspend(handles, count));
    EXPECT_EQ(count.use_count(), 4);
  }
  EXPECT_EQ(count.use_count(), 1);
  EXPECT_EQ(*count, 0);
}

}  // namespace
}  // namespace ss::net
