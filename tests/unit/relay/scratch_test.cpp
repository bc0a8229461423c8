#include "ss/relay/scratch.hpp"

#include <gtest/gtest.h>

namespace ss::relay {
namespace {

TEST(ScratchTurn, GivesRoomForAllThatMayBeHeldAndWhatChunksAdd) {
  Scratch scratch;
  const Scratch::Turn turn(scratch);
  EXPECT_EQ(turn.area().size(), Scratch::kSize);
  EXPECT_GE(turn.area().size(), kMaxHeld + 4096);
  turn.area().front() = 1;
  turn.area().back() = 2;
}

#if defined(__SANITIZE_ADDRESS__)
TEST(ScratchTurn, PoisonsTheAreaBeforeAndAfter) {
  Scratch scratch;
  Bytes kept;
  {
    const Scratch::Turn turn(scratch);
    kept = turn.area();
    EXPECT_EQ(__asan_region_is_poisoned(kept.data(), kept.size()), nullptr);
  }
  EXPECT_TRUE(__asan_address_is_poisoned(kept.data()));
  EXPECT_TRUE(__asan_address_is_poisoned(&kept.data()[kept.size() - 1]));
  const Scratch::Turn again(scratch);
  EXPECT_FALSE(__asan_address_is_poisoned(again.area().data()));
}
#endif

#if defined(SS_ASSERTIONS)
TEST(ScratchTurnDeathTest, RefusesATurnInsideATurn) {
  Scratch scratch;
  const Scratch::Turn turn(scratch);
  EXPECT_DEATH({ const Scratch::Turn second(scratch); }, "taken_");
}
#endif

}  // namespace
}  // namespace ss::relay
