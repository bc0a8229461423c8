#include "../../../src/common/net/gso_refusals.hpp"

#include <gtest/gtest.h>

namespace ss::net {
namespace {

using namespace std::chrono_literals;

IpAddress numbered(unsigned n) {
  return IpAddress(IpAddress::V4{10, 0, static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)});
}

struct GsoRefusalsRemember : testing::Test {
  ManualClock clock;
  GsoRefusals refusals{clock};
};

TEST_F(GsoRefusalsRemember, HoldsForAMinute) {
  EXPECT_FALSE(refusals.refuses(numbered(1)));
  refusals.remember(numbered(1));
  clock.advance(60s - 1ns);
  EXPECT_TRUE(refusals.refuses(numbered(1)));
  clock.advance(1ns);
  EXPECT_FALSE(refusals.refuses(numbered(1)));
}

TEST_F(GsoRefusalsRemember, ConcernsThatAddressAlone) {
  refusals.remember(numbered(1));
  EXPECT_FALSE(refusals.refuses(numbered(2)));
  EXPECT_FALSE(refusals.refuses(*IpAddress::parse("::1")));
}

TEST_F(GsoRefusalsRemember, ForgetsTheEldersOfAFlood) {
  unsigned held = 0;
  for (unsigned i = 0; i < 10'000; ++i) {
    refusals.remember(numbered(i));
    EXPECT_TRUE(refusals.refuses(numbered(i)));
  }
  for (unsigned i = 0; i < 10'000; ++i) {
    if (refusals.refuses(numbered(i))) ++held;
  }
  EXPECT_LE(held, 256U);
  EXPECT_GT(held, 128U);
}

}  // namespace
}  // namespace ss::net
