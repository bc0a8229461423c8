#include "ss/relay/read_budget.hpp"

#include <gtest/gtest.h>

namespace ss::relay {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kLongest2022 = 0xFFFF;

TEST(ReadBudgetBytes, DoublesWithEveryFullBatchUpToWhatMayBeHeld) {
  ReadBudget budget;
  EXPECT_EQ(budget.bytes(false), 32 * kKiB);
  budget.written_whole(32 * kKiB, true);
  EXPECT_EQ(budget.bytes(false), 64 * kKiB);
  budget.written_whole(64 * kKiB, true);
  EXPECT_EQ(budget.bytes(false), ReadBudget::kMaxBatch);
  budget.written_whole(128 * kKiB, true);
  EXPECT_EQ(budget.bytes(false), ReadBudget::kMaxBatch);
}

TEST(ReadBudgetBytes, StaysWhereTheSenderHadNoMoreToGive) {
  ReadBudget budget;
  for (int i = 0; i < 100; ++i) budget.written_whole(32 * kKiB - 1, false);
  EXPECT_EQ(budget.bytes(false), 32 * kKiB);
}

TEST(ReadBudgetBytes, FallsToSixteenKibibytesWhenTheReceiverStops) {
  ReadBudget budget;
  budget.written_whole(32 * kKiB, true);
  budget.stopped();
  EXPECT_EQ(budget.bytes(false), 16 * kKiB);
  budget.written_whole(16 * kKiB, true);
  EXPECT_EQ(budget.bytes(false), 32 * kKiB);
}

TEST(ReadBudgetBytes, IsTheSmallestForEverybodyWhileTooMuchIsHeld) {
  ReadBudget budget;
  budget.written_whole(32 * kKiB, true);
  EXPECT_EQ(budget.bytes(true), 16 * kKiB);
  EXPECT_EQ(budget.bytes(false), 64 * kKiB) << "only as long as that lasts";
}

TEST(ReadBudgetChunk, IsShortUntilAMebibyteWentThroughWithoutAStop) {
  ReadBudget budget;
  EXPECT_EQ(budget.chunk(kLongest2022), ReadBudget::kShortChunk);
  budget.written_whole(1024 * kKiB - 1, false);
  EXPECT_EQ(budget.chunk(kLongest2022), ReadBudget::kShortChunk);
  budget.written_whole(1, false);
  EXPECT_EQ(budget.chunk(kLongest2022), ReadBudget::kLongChunk);
  budget.stopped();
  EXPECT_EQ(budget.chunk(kLongest2022), ReadBudget::kShortChunk);
  budget.written_whole(1024 * kKiB - 1, false);
  EXPECT_EQ(budget.chunk(kLongest2022), ReadBudget::kShortChunk) << "counted from the stop on";
}

TEST(ReadBudgetChunk, FillsTheSegmentsOfLoopbackWithWholeChunks) {
  EXPECT_EQ(ReadBudget::kLongChunk + 34, 65'483U);
  EXPECT_LE(4 * (ReadBudget::kShortChunk + 34), 65'483U);
  EXPECT_GT(4 * (ReadBudget::kShortChunk + 35), 65'483U);
}

TEST(ReadBudgetWireBytes, TakeAWholeBatchWithWhatStandsAroundItsChunks) {
  ReadBudget budget;
  for (int i = 0; i < 3; ++i) budget.written_whole(budget.bytes(false), true);
  EXPECT_GE(budget.wire_bytes(false), 2 * (ReadBudget::kLongChunk + 34));
  EXPECT_GE(budget.wire_bytes(false), 8 * (ReadBudget::kShortChunk + 34));
}

TEST(ReadBudgetChunk, IsNeverLongerThanTheMethodAllows) {
  ReadBudget budget;
  budget.written_whole(2048 * kKiB, true);
  EXPECT_EQ(budget.chunk(0x3FFF), 0x3FFFU);
  EXPECT_EQ(budget.chunk(100), 100U);
}

}  // namespace
}  // namespace ss::relay
