#include "ss/config/problem.hpp"

#include <gmock/gmock.h>

namespace ss::config {
namespace {

TEST(ProblemText, NamesFileLineColumnAndKey) {
  ProblemList problems("c.json");
  problems.error({3, 14, {}}, "server_port", {"is missing", "write it"});
  const auto taken = problems.take();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].text, "c.json:3:14: server_port: is missing; write it");
  EXPECT_EQ(taken[0].severity, Severity::error);
}

TEST(ProblemText, NamesFlagInsteadOfFileAndKey) {
  ProblemList problems("c.json");
  problems.error({0, 0, "-p"}, "server_port", {"is not a number", "write a port"});
  EXPECT_EQ(problems.take()[0].text, "-p: is not a number; write a port");
}

TEST(ProblemText, NamesKeyBehindOriginThatIsNoFlag) {
  ProblemList problems("");
  problems.error({0, 0, "link"}, "plugin", {"is not supported yet", ""});
  EXPECT_EQ(problems.take()[0].text, "link: plugin: is not supported yet");
}

TEST(ProblemText, NamesCommandLineWithoutFile) {
  ProblemList problems("");
  problems.error({}, "server", {"is missing", "give -s"});
  EXPECT_EQ(problems.take()[0].text, "command line: server: is missing; give -s");
}

TEST(ProblemListTake, SortsByPlaceAndKeepsOrderWithinIt) {
  ProblemList problems("c");
  problems.error({2, 5, {}}, "d", {"x", ""});
  problems.warn({2, 1, {}}, "c", {"x", ""});
  problems.error({1, 9, {}}, "a", {"x", ""});
  problems.error({1, 9, {}}, "b", {"x", ""});
  problems.error({0, 0, "-p"}, "e", {"x", ""});
  std::vector<std::string> texts;
  for (const Problem& problem : problems.take()) texts.push_back(problem.text);
  EXPECT_THAT(texts, testing::ElementsAre("-p: x", "c:1:9: a: x", "c:1:9: b: x", "c:2:1: c: x", "c:2:5: d: x"));
}

TEST(ProblemListTake, TellsEachOnce) {
  ProblemList problems("c");
  problems.error({1, 2, {}}, "a", {"x", ""});
  problems.error({1, 2, {}}, "a", {"y", ""});
  problems.error({2, 1, {}}, "a", {"x", ""});
  problems.error({2, 1, {}}, "a", {"x", ""});
  std::vector<std::string> texts;
  for (const Problem& problem : problems.take()) texts.push_back(problem.text);
  EXPECT_THAT(texts, testing::ElementsAre("c:1:2: a: x", "c:1:2: a: y", "c:2:1: a: x"));
}

TEST(ProblemListJudge, FindsErrorsButNotWarnings) {
  ProblemList problems("c");
  problems.warn({1, 1, {}}, "a", {"x", ""});
  EXPECT_FALSE(problems.has_errors());
  problems.error({1, 1, {}}, "a", {"x", ""});
  EXPECT_TRUE(problems.has_errors());
}

TEST(PrintableText, EscapesAndCuts) {
  EXPECT_EQ(printable("a\n\x1b[31m"), "a\\x0a\\x1b[31m");
  EXPECT_EQ(printable("\xC3\xA9"), "\\xc3\\xa9");
  EXPECT_EQ(printable(std::string(61, 'a')), std::string(60, 'a') + "...");
}

}  // namespace
}  // namespace ss::config
