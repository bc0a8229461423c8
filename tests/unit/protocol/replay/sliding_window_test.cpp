#include "ss/protocol/replay/sliding_window.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

namespace ss::protocol {
namespace {

constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kSize = SlidingWindow::kSize;

static_assert(sizeof(SlidingWindow) == 264);

TEST(SlidingWindowCommit, AnswersTheVectors) {
  const auto file = nlohmann::json::parse(std::ifstream(SS_VECTORS "/sliding_window.json"));
  for (const auto& sequence : file["sequences"]) {
    SCOPED_TRACE(sequence["name"].get<std::string>());
    ASSERT_EQ(sequence["window"], 8128);
    SlidingWindowOf<8128> window;
    for (const auto& op : sequence["ops"]) {
      const std::uint64_t id = std::stoull(op["id"].get<std::string>());
      EXPECT_EQ(window.is_fresh(id), op["accept"]) << id;
      EXPECT_EQ(window.commit(id), op["accept"]) << id;
    }
  }
}

TEST(SlidingWindowCommit, TakesZeroFirstAndOnce) {
  SlidingWindow window;
  EXPECT_TRUE(window.is_fresh(0));
  EXPECT_TRUE(window.commit(0));
  EXPECT_FALSE(window.is_fresh(0));
  EXPECT_FALSE(window.commit(0));
}

TEST(SlidingWindowCommit, ReachesBackExactlyItsSize) {
  // From every place inside a word.
  for (std::uint64_t newest = 10'000; newest < 10'064; ++newest) {
    SlidingWindow window;
    ASSERT_TRUE(window.commit(newest));
    EXPECT_FALSE(window.commit(newest - kSize - 1)) << newest;
    EXPECT_TRUE(window.commit(newest - kSize)) << newest;
    EXPECT_FALSE(window.commit(newest - kSize)) << newest;
  }
}

TEST(SlidingWindowCommit, ForgetsNothingOfTheWindowWhenItMoves) {
  for (const std::uint64_t step :
       {std::uint64_t{1}, std::uint64_t{63}, std::uint64_t{64}, std::uint64_t{65}, kSize - 1, kSize}) {
    SlidingWindow window;
    ASSERT_TRUE(window.commit(5000));
    ASSERT_TRUE(window.commit(5000 + step));
    EXPECT_FALSE(window.commit(5000)) << step;
    EXPECT_EQ(window.commit(5000 + step - kSize), step != kSize) << step;
  }
}

TEST(SlidingWindowCommit, ClearsEverythingOnAJumpBeyondTheRing) {
  SlidingWindow window;
  for (std::uint64_t id = 0; id < 3000; ++id) ASSERT_TRUE(window.commit(id));
  const std::uint64_t far = 3000 + 1'000'000;
  ASSERT_TRUE(window.commit(far));
  for (std::uint64_t id = far - kSize; id < far; ++id) EXPECT_TRUE(window.commit(id)) << id;
  EXPECT_FALSE(window.is_fresh(2999));
}

TEST(SlidingWindowCommit, DoesNotWrapBehindTheLastId) {
  SlidingWindow window;
  ASSERT_TRUE(window.commit(kLast - 1));
  ASSERT_TRUE(window.commit(kLast));
  EXPECT_FALSE(window.commit(kLast));
  for (const std::uint64_t id : {std::uint64_t{0}, std::uint64_t{1}, kLast - 1, kLast - kSize - 1}) {
    EXPECT_FALSE(window.commit(id)) << id;
  }
  EXPECT_TRUE(window.commit(kLast - kSize));
}

TEST(SlidingWindowIsFresh, ChangesNothing) {
  SlidingWindow window;
  ASSERT_TRUE(window.commit(7));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(window.is_fresh(1'000'000));
    EXPECT_TRUE(window.is_fresh(6));
    EXPECT_FALSE(window.is_fresh(7));
  }
}

/// A set of all IDs and the rule, side by side with the ring.
TEST(SlidingWindowCommit, AgreesWithASetOnRandomOrder) {
  std::mt19937_64 random(1);
  SlidingWindow window;
  std::set<std::uint64_t> seen;
  std::uint64_t at = 0;
  for (int i = 0; i < 20'000; ++i) {
    at += random() % 100 == 0 ? random() % 5000 : random() % 8;
    const std::uint64_t id = at - std::min<std::uint64_t>(at, random() % (kSize + 200));
    const bool fresh = (seen.empty() || id > *seen.rbegin() || *seen.rbegin() - id <= kSize) && !seen.contains(id);
    ASSERT_EQ(window.commit(id), fresh) << id;
    if (fresh) seen.insert(id);
  }
}

}  // namespace
}  // namespace ss::protocol
