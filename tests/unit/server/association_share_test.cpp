#include "association_share.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace ss::server {
namespace {

class AssociationShareOf : public ::testing::Test {
 protected:
  AssociationShareOf() {
    limits.total = 3;
    limits.of_user = 2;
  }

  AssociationLimits limits;
  AssociationCounts one{1};
  AssociationCounts two{2};
};

TEST_F(AssociationShareOf, TheTotalIsCountedAndGivenBack) {
  {
    const AssociationShare share(&one, limits, 0);
    EXPECT_TRUE(share.granted());
    EXPECT_EQ(one.total, 1U);
    EXPECT_EQ(one.of_user[0], 1U);
  }
  EXPECT_EQ(one.total, 0U);
  EXPECT_EQ(one.of_user[0], 0U);
}

TEST_F(AssociationShareOf, TheTotalIsNotGrantedWhereTheLimitIsMet) {
  one.total = 3;
  one.of_user[0] = 3;
  {
    const AssociationShare share(&one, limits, 0);
    EXPECT_FALSE(share.granted());
  }
  EXPECT_EQ(one.total, 3U) << "nothing was taken, nothing is given back";
  EXPECT_EQ(one.of_user[0], 3U);
}

TEST_F(AssociationShareOf, TheTotalIsTheOnlyLimitWhereThereIsOneUser) {
  one.total = 2;
  one.of_user[0] = 2;
  const AssociationShare share(&one, limits, 0);
  EXPECT_TRUE(share.granted());
}

TEST_F(AssociationShareOf, AUserIsNotGrantedWhereItsLimitIsMet) {
  two.total = 2;
  two.of_user[0] = 2;
  {
    const AssociationShare full(&two, limits, 0);
    const AssociationShare other(&two, limits, 1);
    EXPECT_FALSE(full.granted());
    EXPECT_TRUE(other.granted());
    EXPECT_EQ(two.total, 3U);
  }
  EXPECT_EQ(two.total, 2U);
  EXPECT_EQ(two.of_user[0], 2U);
  EXPECT_EQ(two.of_user[1], 0U);
}

TEST_F(AssociationShareOf, NobodysCountIsAlwaysGranted) {
  limits.total = 0;
  const AssociationShare share(nullptr, limits, 0);
  EXPECT_TRUE(share.granted());
}

}  // namespace
}  // namespace ss::server
