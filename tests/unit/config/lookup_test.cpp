#include "ss/config/lookup.hpp"

#include <gtest/gtest.h>

namespace ss::config {
namespace {

using namespace std::chrono_literals;

class LookupTest : public testing::Test {
 protected:
  Section section(const JsonDocument& document) {
    return Section::check(document.root(), Scope::top, Programs::server, {}, problems_);
  }

  std::string told() {
    std::string out;
    for (const Problem& problem : problems_.take()) out += problem.text + '\n';
    return out;
  }

  ProblemList problems_{"c"};
  Environment environment_ = [](const std::string& name) -> std::optional<Secret> {
    if (name == "KEY") return Secret(bytes_of("from outside"));
    if (name == "EMPTY") return Secret();
    return std::nullopt;
  };
  JsonDocument front_ = std::get<JsonDocument>(
      JsonDocument::parse(R"({"timeout": "5", "nofile": "many", "fast_open": true, "password": "${KEY}"})"));
  JsonDocument back_ = std::get<JsonDocument>(JsonDocument::parse(
      "\n{\"timeout\": 9, \"idle_timeout\": 0.25, \"nofile\": 100, \"pid_file\": \"/x\", \"password\": \"${NONE}\", "
      "\"allow_targets\": \"10.0.0.0/8\"}"));
  Section first_ = section(front_);
  Section second_ = section(back_);
  Lookup lookup_{{&first_, &second_}, environment_, problems_};
};

TEST_F(LookupTest, PrefersEarlierSections) {
  std::chrono::milliseconds timeout{}, idle{};
  bool fast_open = false;
  std::string pid_file, missing = "kept";
  lookup_.take("timeout", timeout);
  lookup_.take("idle_timeout", idle);
  lookup_.take("fast_open", fast_open);
  lookup_.take("pid_file", pid_file);
  lookup_.take("bind_interface", missing);
  EXPECT_EQ(timeout, 5s);
  EXPECT_EQ(idle, 250ms);
  EXPECT_TRUE(fast_open);
  EXPECT_EQ(pid_file, "/x");
  EXPECT_EQ(missing, "kept");
  EXPECT_LT(lookup_.find("timeout").rank, lookup_.find("idle_timeout").rank);
}

TEST_F(LookupTest, DoesNotReachBehindARefusedValue) {
  const Found found = lookup_.find("nofile");
  EXPECT_FALSE(found);
  EXPECT_TRUE(found.refused);
  EXPECT_EQ(lookup_.number("nofile"), std::nullopt);
}

TEST_F(LookupTest, ReplacesVariables) {
  const std::optional<Secret> secret = lookup_.secret(lookup_.find("password"));
  ASSERT_TRUE(secret);
  EXPECT_EQ(text_of(secret->reveal()), "from outside");
}

TEST_F(LookupTest, NamesVariablesThatAreNotThere) {
  told();
  const Position at{4, 2, {}};
  EXPECT_FALSE(read_secret(JsonValue::of_text("${NONE}", at), "password", environment_, problems_));
  EXPECT_FALSE(read_secret(JsonValue::of_text("${EMPTY}", at), "password", environment_, problems_));
  EXPECT_FALSE(read_secret(JsonValue::of_text("${KEY}", at), "password", {}, problems_));
  EXPECT_EQ(told(),
            "c:4:2: password: the environment variable NONE is not set; set it, or write the key itself\n"
            "c:4:2: password: the environment variable EMPTY is empty; set it, or write the key itself\n"
            "c:4:2: password: the environment variable KEY is not set; set it, or write the key itself\n");
}

TEST_F(LookupTest, TakesAVariableOnlyForTheWholeValueInTheFile) {
  const auto text = [&](std::string_view written, std::string_view flag) {
    return std::string(
        text_of(read_secret(JsonValue::of_text(written, {1, 1, flag}), "password", environment_, problems_)->reveal()));
  };
  EXPECT_EQ(text("x${KEY}", ""), "x${KEY}");
  EXPECT_EQ(text("${KEY", ""), "${KEY");
  EXPECT_EQ(text("${KEY}", "-k"), "${KEY}");
}

TEST_F(LookupTest, ListsTexts) {
  EXPECT_EQ(lookup_.texts(lookup_.find("allow_targets")).size(), 1u);
  EXPECT_TRUE(lookup_.texts(lookup_.find("deny_targets")).empty());
}

TEST_F(LookupTest, ReportsMissingKeysAtTheTopOfTheFile) {
  told();
  lookup_.missing("method", lookup_.find("method"), "write it");
  lookup_.missing("nofile", lookup_.find("nofile"), "write it");
  lookup_.missing("timeout", lookup_.find("timeout"), "write it");
  EXPECT_EQ(told(), "c:2:1: method: is missing; write it\n");
}

}  // namespace
}  // namespace ss::config
