#include "ss/config/json_text.hpp"

#include <gtest/gtest.h>

namespace ss::config {
namespace {

TEST(JsonCursorSkip, CountsLinesAndCharacters) {
  JsonCursor cursor("\"\xC3\xA9\"\t1\n  2");
  cursor.skip_token();
  EXPECT_EQ(cursor.position().column, 4u);  // two quotes and one character of two bytes
  cursor.skip_between();
  EXPECT_EQ(cursor.position().column, 5u);
  cursor.skip_token();
  cursor.skip_between();
  EXPECT_EQ(cursor.position().line, 2u);
  EXPECT_EQ(cursor.position().column, 3u);
}

TEST(JsonCursorSkip, StepsOverCommentsAndTellsSeparators) {
  JsonCursor cursor("// , :\n/* , */ 1");
  EXPECT_FALSE(cursor.skip_between());
  EXPECT_EQ(cursor.position().line, 2u);
  JsonCursor other(" , 1");
  EXPECT_TRUE(other.skip_between());
}

TEST(JsonCursorSkip, StaysInsideTextThatEndsEarly) {
  for (const std::string_view text : {"\"abc", "\"abc\\", "/* abc", "//", "/", "\"", "\\"}) {
    JsonCursor cursor(text);
    for (int i = 0; i < 10; ++i) {
      cursor.skip_between();
      cursor.skip_token();
    }
    EXPECT_TRUE(cursor.at_end()) << text;
  }
}

TEST(WithoutTrailingCommas, BlanksOnlyThem) {
  EXPECT_EQ(without_trailing_commas("[1,]"), "[1 ]");
  EXPECT_EQ(without_trailing_commas("{\"a\": [1, 2, /* , */ ], // ,\n}"), "{\"a\": [1, 2  /* , */ ]  // ,\n}");
  EXPECT_EQ(without_trailing_commas("[\",]\", 1]"), "[\",]\", 1]");
  EXPECT_EQ(without_trailing_commas("[1, 2]"), "[1, 2]");
}

TEST(WithoutTrailingCommas, LeavesThoseThatFollowNoValue) {
  EXPECT_EQ(without_trailing_commas("[,]"), "[,]");
  EXPECT_EQ(without_trailing_commas("[1,,]"), "[1,,]");
  EXPECT_EQ(without_trailing_commas("{\"a\":,}"), "{\"a\":,}");
}

TEST(ExplainSyntaxError, FindsTokenThatParserStoppedIn) {
  const SyntaxError error = explain_syntax_error("{\"a\": 1\n \"b\": 2}", 12);
  EXPECT_EQ(error.position.line, 2u);
  EXPECT_EQ(error.position.column, 2u);
  EXPECT_EQ(error.complaint.what, "a comma or a colon is missing before this");
}

TEST(ExplainSyntaxError, AnswersForEveryOffset) {
  const std::string_view text = "{\"a\": [1, 'x', /* c */ tru], \"b\": \"\\q\" }} ,:";
  for (std::size_t stopped = 0; stopped <= text.size() + 2; ++stopped) {
    EXPECT_FALSE(explain_syntax_error(text, stopped).complaint.what.empty()) << stopped;
  }
}

}  // namespace
}  // namespace ss::config
