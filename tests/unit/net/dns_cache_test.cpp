#include "ss/net/dns_cache.hpp"

#include <gtest/gtest.h>

namespace ss::net {
namespace {

using namespace std::chrono_literals;

const ResolveAnswer kFound{ResolveStatus::found, {IpAddress(IpAddress::V4{192, 0, 2, 1})}};
const ResolveAnswer kNotFound{ResolveStatus::not_found, {}};

class DnsCacheTest : public testing::Test {
 protected:
  void put(const std::string& name, const ResolveAnswer& answer, Duration ttl) {
    cache_.put(name, Family::v4, answer, ttl, clock_.now());
  }
  bool knows(const std::string& name, Family family = Family::v4) {
    return cache_.find(name, family, clock_.now()) != nullptr;
  }

  ManualClock clock_;
  DnsCache cache_{4};
};

using DnsCacheFind = DnsCacheTest;
using DnsCachePut = DnsCacheTest;

TEST_F(DnsCacheFind, KnowsAnAnswerForItsTimeAndNoLonger) {
  put("a", kFound, 10s);
  clock_.advance(10s - 1ns);
  ASSERT_TRUE(knows("a"));
  EXPECT_EQ(cache_.find("a", Family::v4, clock_.now())->addresses, kFound.addresses);
  clock_.advance(1ns);
  EXPECT_FALSE(knows("a"));
  EXPECT_EQ(cache_.size(), 0U) << "what has expired is let go";
}

TEST_F(DnsCacheFind, TellsNamesAndFamiliesApart) {
  put("a", kFound, 10s);
  EXPECT_FALSE(knows("b"));
  EXPECT_FALSE(knows("a", Family::v6));
}

TEST_F(DnsCachePut, KeepsNothingWithTimeZeroOrLess) {
  put("a", kFound, 0s);
  put("b", kFound, -1s);
  EXPECT_EQ(cache_.size(), 0U);
}

TEST_F(DnsCachePut, KeepsNothingForLongerThanAnHour) {
  put("a", kFound, 24h);
  clock_.advance(1h - 1ns);
  EXPECT_TRUE(knows("a"));
  clock_.advance(1ns);
  EXPECT_FALSE(knows("a"));
}

TEST_F(DnsCachePut, KeepsThatANameIsMissingForFiveSeconds) {
  put("a", kNotFound, 0s);
  put("b", kNotFound, 1h);
  clock_.advance(5s - 1ns);
  EXPECT_TRUE(knows("a"));
  EXPECT_TRUE(knows("b"));
  clock_.advance(1ns);
  EXPECT_FALSE(knows("a"));
  EXPECT_FALSE(knows("b"));
}

TEST_F(DnsCachePut, KeepsNoFailure) {
  for (const ResolveStatus status : {ResolveStatus::failed, ResolveStatus::timed_out, ResolveStatus::refused}) {
    put("a", {status, {}}, 1h);
    EXPECT_FALSE(knows("a"));
  }
}

TEST_F(DnsCachePut, ReplacesWhatItKnew) {
  put("a", kFound, 1h);
  put("a", kFound, 10s);
  EXPECT_EQ(cache_.size(), 1U);
  clock_.advance(10s);
  EXPECT_FALSE(knows("a"));
}

TEST_F(DnsCachePut, ForgetsWhatAFailureReplaces) {
  put("a", kFound, 1h);
  put("a", kFound, 0s);
  EXPECT_FALSE(knows("a"));
}

TEST_F(DnsCachePut, LetsGoWhatExpiresFirstWhenFull) {
  put("a", kFound, 40s);
  put("b", kFound, 20s);
  put("c", kFound, 30s);
  put("d", kFound, 50s);
  put("e", kFound, 1s);
  EXPECT_EQ(cache_.size(), 4U);
  EXPECT_FALSE(knows("b"));
  for (const char* name : {"a", "c", "d", "e"}) EXPECT_TRUE(knows(name)) << name;
}

TEST_F(DnsCachePut, StaysBoundedUnderAFlood) {
  DnsCache cache;
  for (int i = 0; i < 10'000; ++i) cache.put(std::to_string(i), Family::v4, kFound, 1min + 1ms * i, clock_.now());
  EXPECT_EQ(cache.size(), DnsCache::kEntries);
  EXPECT_NE(cache.find("9999", Family::v4, clock_.now()), nullptr);
  EXPECT_EQ(cache.find("5903", Family::v4, clock_.now()), nullptr);
  EXPECT_NE(cache.find("5904", Family::v4, clock_.now()), nullptr);
}

TEST_F(DnsCachePut, KeepsNothingWithoutRoom) {
  DnsCache cache(0);
  cache.put("a", Family::v4, kFound, 1h, clock_.now());
  EXPECT_EQ(cache.size(), 0U);
}

TEST_F(DnsCacheTest, ForgetsEverythingWhenCleared) {
  put("a", kFound, 1h);
  cache_.clear();
  EXPECT_FALSE(knows("a"));
  put("a", kFound, 1h);
  EXPECT_TRUE(knows("a"));
}

}  // namespace
}  // namespace ss::net
