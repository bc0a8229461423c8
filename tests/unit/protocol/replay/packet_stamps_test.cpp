#include "ss/protocol/replay/packet_stamps.hpp"

#include <gtest/gtest.h>

namespace ss::protocol {
namespace {

TEST(PacketStampsMayOpen, WhatIsNewerThanASessionThatIsForgotten) {
  PacketStamps stamps;
  stamps.note(200);
  EXPECT_TRUE(stamps.may_open(100, MonoTime{}));
  stamps.forget(100);
  EXPECT_FALSE(stamps.may_open(100, MonoTime{}));
  EXPECT_TRUE(stamps.may_open(101, MonoTime{}));
}

TEST(PacketStampsMayOpen, WhatIsNewerThanAllThatTheProgramBeforeHadTaken) {
  UnixSeconds kept = 0;
  {
    PacketStamps stamps(&kept);
    stamps.note(100);
    stamps.note(90);
  }
  EXPECT_EQ(kept, 100U);
  const PacketStamps stamps(&kept);
  EXPECT_FALSE(stamps.may_open(100, MonoTime{}));
  EXPECT_TRUE(stamps.may_open(101, MonoTime{}));
}

}  // namespace
}  // namespace ss::protocol
