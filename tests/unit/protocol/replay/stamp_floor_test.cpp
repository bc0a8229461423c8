#include "ss/protocol/replay/stamp_floor.hpp"

#include <gtest/gtest.h>

namespace ss::protocol {
namespace {

using std::chrono::seconds;

TEST(StampFloorAdmits, EverythingAtFirst) {
  EXPECT_TRUE(StampFloor().admits(1, MonoTime{}));
}

TEST(StampFloorAdmits, WhatIsAboveTheHighestThatWasForgotten) {
  StampFloor floor;
  floor.raise(100);
  floor.raise(50);
  EXPECT_FALSE(floor.admits(100, MonoTime{}));
  EXPECT_TRUE(floor.admits(101, MonoTime{}));
}

TEST(StampFloorAdmits, WhatIsAboveAGuardWhileItStands) {
  StampFloor floor;
  floor.refuse_until(100, MonoTime(seconds(62)));
  EXPECT_FALSE(floor.admits(100, MonoTime(seconds(61))));
  EXPECT_TRUE(floor.admits(101, MonoTime(seconds(61))));
  EXPECT_TRUE(floor.admits(100, MonoTime(seconds(62))));
}

}  // namespace
}  // namespace ss::protocol
