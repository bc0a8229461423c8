#include "bind_share.hpp"

#include <gtest/gtest.h>

#include <list>

namespace ss::server {
namespace {

TEST(BindShareOf, AUserIsGrantedUpToTheLimitAndNoOtherIsAffected) {
  BindCounts counts(2);
  std::list<BindShare> shares;
  for (std::uint32_t i = 0; i < BindCounts::kMost; ++i) {
    EXPECT_TRUE(shares.emplace_back(&counts, std::size_t{0}).granted());
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(BindShare(&counts, 0).granted()) << "what was not granted is not given back";
  }
  EXPECT_TRUE(BindShare(&counts, 1).granted());
  shares.pop_front();
  EXPECT_TRUE(shares.emplace_back(&counts, std::size_t{0}).granted());
  EXPECT_FALSE(BindShare(&counts, 0).granted());
}

TEST(BindShareOf, AUserIsGivenBackOnceAlsoWhenItMoves) {
  BindCounts counts(1);
  std::list<BindShare> shares;
  for (std::uint32_t i = 1; i < BindCounts::kMost; ++i) shares.emplace_back(&counts, std::size_t{0});
  {
    BindShare share(&counts, 0);
    const BindShare moved(std::move(share));
    EXPECT_TRUE(moved.granted());
    EXPECT_FALSE(BindShare(&counts, 0).granted());
  }
  const BindShare last(&counts, 0);
  EXPECT_TRUE(last.granted());
  EXPECT_FALSE(BindShare(&counts, 0).granted());
}

TEST(BindShareOf, AUserIsGrantedAnyNumberWhereNobodyCounts) {
  std::list<BindShare> shares;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(shares.emplace_back(nullptr, std::size_t{0}).granted());
}

}  // namespace
}  // namespace ss::server
