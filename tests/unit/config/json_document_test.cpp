#include "ss/config/json_document.hpp"

#include <gtest/gtest.h>

namespace ss::config {
namespace {

using Type = JsonValue::Type;

std::string place(const Position& at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

/// `LINE:COL: what` of the syntax error in `text`, or an empty text.
std::string error_of(std::string_view text) {
  const auto parsed = JsonDocument::parse(text);
  const SyntaxError* const error = std::get_if<SyntaxError>(&parsed);
  return error ? place(error->position) + ": " + error->complaint.what : std::string();
}

TEST(JsonDocumentParse, KeepsPlacesOfKeysAndValues) {
  const auto parsed = JsonDocument::parse(
      "// head\n"
      "{ \"a\" : \"\\u00e9\\\"\", /* \"x\": 1, */ \"b\":\n"
      "    [1 , -2.5, {\"c\":true}], \"d\": null }\n");
  const JsonValue& root = std::get<JsonDocument>(parsed).root();
  EXPECT_EQ(place(root.position), "2:1");
  ASSERT_EQ(root.members.size(), 3u);
  EXPECT_EQ(root.members[0].key, "a");
  EXPECT_EQ(place(root.members[0].key_position), "2:3");
  EXPECT_EQ(root.members[0].value.text, "\xC3\xA9\"");
  EXPECT_EQ(place(root.members[0].value.position), "2:9");
  EXPECT_EQ(place(root.members[1].key_position), "2:35");
  const JsonValue& list = root.members[1].value;
  EXPECT_EQ(place(list.position), "3:5");
  EXPECT_EQ(place(list.items.at(0).position), "3:6");
  EXPECT_EQ(list.items[1].number, -2.5);
  EXPECT_EQ(place(list.items[1].position), "3:10");
  EXPECT_EQ(place(list.items[2].position), "3:16");
  EXPECT_EQ(place(list.items[2].members.at(0).value.position), "3:21");
  EXPECT_EQ(root.members[2].value.type, Type::null);
}

TEST(JsonDocumentParse, KeepsRepeatedKeys) {
  const auto parsed = JsonDocument::parse("{\"a\": 1, \"a\": 2}");
  const JsonValue& root = std::get<JsonDocument>(parsed).root();
  ASSERT_EQ(root.members.size(), 2u);
  EXPECT_EQ(root.members[1].value.number, 2);
}

TEST(JsonDocumentParse, TakesByteOrderMarkAndTrailingCommas) {
  EXPECT_EQ(error_of("\xEF\xBB\xBF{\"a\": [1,],}"), "");
}

TEST(JsonDocumentParse, ExplainsSyntaxErrors) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "1:1: the text ends too early"},
      {"{", "1:2: the text ends too early"},
      {"{\"a\": 1", "1:8: the text ends too early"},
      {"{\"a\": \"x", "1:9: the text ends too early"},
      {"{\"a\": 1 /*", "1:11: the text ends too early"},
      {"{\"a\": 1} x", "1:10: something follows the end of the configuration"},
      {"{'a': 1}", "1:2: a single quote stands here"},
      {"{a: 1}", "1:2: a bare word or a malformed number stands here"},
      {"{\"a\": True}", "1:7: a bare word or a malformed number stands here"},
      {"{\"a\": 08}", "1:7: a bare word or a malformed number stands here"},
      {"{\"a\": 1e999}", "1:7: a bare word or a malformed number stands here"},
      {"{\"a\": 1 \"b\": 2}", "1:9: a comma or a colon is missing before this"},
      {"{\"a\" 1}", "1:6: a comma or a colon is missing before this"},
      {"{\"a\": 1,, \"b\": 2}", "1:9: a comma does not fit here"},
      {"{,}", "1:2: a comma does not fit here"},
      {"{\"a\": 1]", "1:8: a closing bracket does not fit here"},
      {"{\"a\":\n\"x\ny\"}", "2:1: a text in quotes is not closed before its line ends"},
      {"{\"a\": \"\\q\"}", "1:7: a text holds a \\ that begins no known escape"},
      {"{\"a\": \"\\ud800\"}", "1:7: a text holds a \\ that begins no known escape"},
      {"{\"a\": \"\xFF\"}", "1:7: a text holds bytes that are not UTF-8"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(error_of(text), expected) << text;
}

TEST(JsonDocumentParse, NeverQuotesTheText) {
  const auto parsed = JsonDocument::parse("{\"password\": \"hunter2\" hunter2}");
  const SyntaxError& error = std::get<SyntaxError>(parsed);
  EXPECT_EQ((error.complaint.what + error.complaint.instead).find("hunter2"), std::string::npos);
}

TEST(JsonDocumentParse, RefusesDeepNesting) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(error_of(nested(32)), "");
  EXPECT_EQ(error_of(nested(33)), "1:33: brackets are nested deeper than 32 levels");
  EXPECT_EQ(error_of(std::string(500'000, '[')), "1:33: brackets are nested deeper than 32 levels");
}

TEST(JsonDocumentParse, RefusesHugeText) {
  const std::string fits = "{}" + std::string(JsonDocument::kMaxText - 2, ' ');
  EXPECT_EQ(error_of(fits), "");
  EXPECT_EQ(error_of(fits + ' '), "1:1: the file is larger than 1 MiB");
}

TEST(JsonDocumentParse, RefusesNul) {
  EXPECT_EQ(error_of(std::string_view("{}\n\0x", 5)), "2:1: the file holds a NUL byte");
}

TEST(JsonDocumentParse, AnswersForEveryTruncation) {
  const std::string_view text = R"({"a": [1, "x\u00e9", {"b": null}], /* c */ "d": -1.5e3, // e
"f": true})";
  ASSERT_EQ(error_of(text), "");
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(error_of(std::string(text.substr(0, length))), "") << length;
  }
}

}  // namespace
}  // namespace ss::config
