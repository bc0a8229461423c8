#include "connection_counts.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "ss/base/bytes.hpp"

namespace ss::server {
namespace {

using namespace std::chrono_literals;

constexpr MonoTime kStart{};

Source source(const char* address) {
  return Source(*IpAddress::parse(address));
}

/// 10.a.b.c, another one for each number below 2^24.
Source numbered(std::uint32_t n) {
  IpAddress::V4 bytes{10};
  for (std::size_t i = 1; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(n >> (8 * (i - 1)));
  return Source(IpAddress(bytes));
}

TEST(SourceOf, IsAnAddressOfIPv4AndASlash64OfIPv6) {
  EXPECT_EQ(source("192.0.2.1"), source("::ffff:192.0.2.1"));
  EXPECT_FALSE(source("192.0.2.1") == source("192.0.2.2"));
  EXPECT_EQ(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
  EXPECT_FALSE(source("2001:db8:1:2::1") == source("2001:db8:1:3::1"));
  EXPECT_FALSE(source("32.1.13.184") == source("2001:db8::")) << "the same first bytes";
}

TEST(SourceOf, KnowsLoopback) {
  for (const char* const address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(source(address).is_loopback()) << address;
  }
  EXPECT_FALSE(source("192.0.2.1").is_loopback());
}

class ConnectionCountsOf : public ::testing::Test {
 protected:
  bool enters(const Source& from, MonoTime now = kStart) { return counts.enter(from, now).counted != nullptr; }
  void goes(const Source& from, ConnectionCounts::OfSource* counted) {
    counts.one_unauthenticated_less(*counted);
    counts.leave(from, *counted);
  }
  void authenticates(const Source& from, MonoTime now) {
    ConnectionCounts::OfSource* const counted = counts.enter(from, now).counted;
    counts.one_unauthenticated_less(*counted);
    counts.remember(from, now);
    counts.leave(from, *counted);
  }
  /// What counts.enter says of a connection that goes at once.
  bool known(const Source& from, MonoTime now) {
    const ConnectionCounts::Entry entry = counts.enter(from, now);
    goes(from, entry.counted);
    return entry.known;
  }

  ConnectionCounts counts{{6, 4, 2}, {}};
};

TEST_F(ConnectionCountsOf, TheTotalAreLimitedAndGivenBack) {
  std::vector<ConnectionCounts::OfSource*> counted;
  for (std::uint32_t n = 0; n < 6; ++n) counted.push_back(counts.enter(numbered(n), kStart).counted);
  const ConnectionCounts::Entry refused = counts.enter(numbered(9), kStart);
  EXPECT_EQ(refused.counted, nullptr);
  EXPECT_EQ(refused.refusal, ConnectionCounts::Refusal::total);
  goes(numbered(0), counted[0]);
  EXPECT_TRUE(enters(numbered(9)));
  EXPECT_FALSE(enters(numbered(9)));
}

TEST_F(ConnectionCountsOf, ASourceAreLimitedAndThoseOfLoopbackAreNot) {
  ConnectionCounts::OfSource* const first = counts.enter(source("2001:db8::1"), kStart).counted;
  EXPECT_TRUE(enters(source("2001:db8::2")));
  const ConnectionCounts::Entry refused = counts.enter(source("2001:db8::3"), kStart);
  EXPECT_EQ(refused.counted, nullptr);
  EXPECT_EQ(refused.refusal, ConnectionCounts::Refusal::of_source);
  EXPECT_TRUE(enters(source("2001:db8:0:1::1"))) << "another /64";
  goes(source("2001:db8::1"), first);
  EXPECT_TRUE(enters(source("2001:db8::3")));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(enters(source("127.0.0.1"))) << i << ": what was refused was not counted";
}

TEST_F(ConnectionCountsOf, TheUnauthenticatedGoDownWithEachThatAuthenticatesOrLeaves) {
  ConnectionCounts::OfSource* const one = counts.enter(numbered(1), kStart).counted;
  counts.enter(numbered(1), kStart);
  EXPECT_EQ(counts.unauthenticated(), 2U);
  EXPECT_EQ(one->unauthenticated, 2U);
  counts.one_unauthenticated_less(*one);
  EXPECT_EQ(counts.unauthenticated(), 1U);
  EXPECT_EQ(one->unauthenticated, 1U);
  EXPECT_EQ(one->connections, 2U);
  goes(numbered(1), one);
  EXPECT_EQ(counts.unauthenticated(), 0U);
  EXPECT_EQ(one->connections, 1U);
  counts.leave(numbered(1), *one);
  EXPECT_EQ(counts.unauthenticated(), 0U);
}

TEST_F(ConnectionCountsOf, ASourceThatAuthenticatedIsKnownForAnHourAtLeast) {
  EXPECT_FALSE(known(numbered(1), kStart + 1h));
  authenticates(numbered(1), kStart + 1h);
  EXPECT_TRUE(known(numbered(1), kStart + 1h));
  EXPECT_TRUE(known(numbered(1), kStart + 1h + 59min));
  EXPECT_FALSE(known(numbered(2), kStart + 1h + 59min));
  // Generations turn where somebody comes.
  known(numbered(1), kStart + 2h);
  EXPECT_TRUE(known(numbered(1), kStart + 2h + 59min));
  EXPECT_FALSE(known(numbered(1), kStart + 3h + 1min));
}

TEST_F(ConnectionCountsOf, WhatIsRememberedIsBounded) {
  const MonoTime now = kStart + 1h;
  authenticates(numbered(0), now);
  for (std::uint32_t n = 1; n < ConnectionCounts::kRemembered / 2; ++n) authenticates(numbered(n), now);
  EXPECT_TRUE(known(numbered(0), now));
  for (std::uint32_t n = 1; n < 4 * ConnectionCounts::kRemembered; ++n) authenticates(numbered(n), now);
  EXPECT_FALSE(known(numbered(0), now));
}

}  // namespace
}  // namespace ss::server
