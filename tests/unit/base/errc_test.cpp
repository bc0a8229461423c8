#include "ss/base/errc.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>

namespace ss {
namespace {

TEST(ErrcDescribe, GivesEachErrorItsOwnSentence) {
  std::set<std::string_view> sentences;
  const int count = static_cast<int>(Errc::too_long) + 1;
  for (int i = 0; i < count; ++i) {
    const std::string_view sentence = describe(static_cast<Errc>(i));
    ASSERT_FALSE(sentence.empty());
    EXPECT_NE(sentence, "unknown error") << i;
    EXPECT_NE(sentence.back(), '.') << sentence;
    sentences.insert(sentence);
  }
  EXPECT_EQ(sentences.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(describe(static_cast<Errc>(count)), "unknown error");
}

TEST(ErrcResult, HoldsAValueOrAnError) {
  const Result<int> value = 7;
  EXPECT_EQ(value.value(), 7);
  const Result<int> failed = Errc::bad_padding;
  EXPECT_FALSE(failed);
  EXPECT_EQ(failed.error(), Errc::bad_padding);
}

TEST(ErrcResultDeathTest, EndsTheProcessWhereAnErrorIsTakenForAValue) {
  const Result<int> failed = Errc::bad_padding;
  EXPECT_DEATH(static_cast<void>(failed.value()), "padding beyond its chunk");
}

}  // namespace
}  // namespace ss
