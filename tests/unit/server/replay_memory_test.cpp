#include "replay_memory.hpp"

#include <gtest/gtest.h>

#include "ss/protocol/header2022.hpp"
#include "unit/ops/scratch_folder.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::server {
namespace {

using protocol::SaltVerdict;
using std::chrono::seconds;

const cipher::Method& k2022 = *cipher::find_method("2022-blake3-aes-256-gcm");
const cipher::Method& k2017 = *cipher::find_method("aes-256-gcm");

class ReplayMemoryTest : public ::testing::Test {
 protected:
  /// As after a start of the program; the one before has ended.
  ReplayMemory& start(const cipher::Method& method, bool stored = true) {
    memory.reset();
    std::unique_ptr<ReplayStore> store;
    if (stored) {
      store = ReplayStore::open(folder.path("replay"), method, relay::SharedSaltFilter::kShards, clock).store;
    }
    return memory.emplace(method, std::move(store), entropy, clock);
  }
  /// One that was made long ago.
  ReplayMemory& start_old(const cipher::Method& method) {
    start(method);
    clock.advance(seconds(200));
    return start(method);
  }
  /// Of a stream that was sealed so many seconds from now.
  SaltVerdict insert(std::uint8_t number, int from_now = 0) {
    return memory->stream_salts().insert(ByteVector(32, number), clock.unix_now() + static_cast<UnixSeconds>(from_now),
                                         clock.now());
  }
  [[nodiscard]] bool may_open(int from_now) {
    return memory->packet_stamps().may_open(clock.unix_now() + static_cast<UnixSeconds>(from_now), clock.now());
  }

  ops::ScratchFolder folder;
  ManualClock clock;
  protocol::testing::ScriptedEntropy entropy;
  std::optional<ReplayMemory> memory;
};

using ReplayMemoryOf2022 = ReplayMemoryTest;
using ReplayMemoryOfSip004 = ReplayMemoryTest;

TEST_F(ReplayMemoryOf2022, ForgetsAtARestartWithoutAStore) {
  start(k2022, false);
  ASSERT_EQ(insert(1), SaltVerdict::fresh);
  EXPECT_EQ(insert(1), SaltVerdict::repeated);
  start(k2022, false);
  EXPECT_EQ(insert(1), SaltVerdict::fresh);
}

TEST_F(ReplayMemoryOf2022, KnowsStreamsOfBeforeARestart) {
  start_old(k2022);
  for (std::uint8_t i = 0; i < 32; ++i) ASSERT_EQ(insert(i), SaltVerdict::fresh);
  start(k2022);
  for (std::uint8_t i = 0; i < 32; ++i) EXPECT_EQ(insert(i), SaltVerdict::repeated);
  EXPECT_EQ(insert(32), SaltVerdict::fresh);
}

TEST_F(ReplayMemoryOf2022, OpensNoPacketSessionAsOldAsPacketsOfBeforeARestart) {
  start_old(k2022);
  memory->packet_stamps().note(clock.unix_now());
  start(k2022);
  EXPECT_FALSE(may_open(0));
  EXPECT_TRUE(may_open(1));
}

TEST_F(ReplayMemoryOf2022, RefusesWhatMayBeOfBeforeItsStoreWasMade) {
  start(k2022);
  EXPECT_EQ(insert(1, protocol::kMaxClockDifference), SaltVerdict::forgotten);
  EXPECT_FALSE(may_open(protocol::kMaxClockDifference));
  clock.advance(seconds(1));
  EXPECT_EQ(insert(1, protocol::kMaxClockDifference), SaltVerdict::fresh);
  EXPECT_TRUE(may_open(protocol::kMaxClockDifference));
  start(k2022);
  EXPECT_EQ(insert(2), SaltVerdict::forgotten) << "another start does not end it";
  clock.advance(seconds(30));
  EXPECT_EQ(insert(2), SaltVerdict::fresh);
}

TEST_F(ReplayMemoryOf2022, RefusesNoLongerThanAMinuteHoweverFarTheClockIsSetBack) {
  start(k2022);
  clock.advance(protocol::kTimelyFor);
  constexpr int kBack = -36'000;
  EXPECT_EQ(insert(1, kBack), SaltVerdict::fresh);
  EXPECT_TRUE(may_open(kBack));
}

TEST_F(ReplayMemoryOfSip004, KnowsStreamsAndPacketsOfBeforeARestart) {
  start(k2017);
  const auto packet = [&](std::uint8_t number) {
    return memory->packet_salts().insert(ByteVector(32, number), 0, clock.now());
  };
  ASSERT_EQ(insert(1), SaltVerdict::fresh);
  ASSERT_EQ(packet(2), SaltVerdict::fresh);
  start(k2017);
  EXPECT_EQ(insert(1), SaltVerdict::repeated);
  EXPECT_EQ(packet(2), SaltVerdict::repeated);
  EXPECT_EQ(insert(2), SaltVerdict::fresh);
  EXPECT_EQ(packet(1), SaltVerdict::fresh);
}

}  // namespace
}  // namespace ss::server
