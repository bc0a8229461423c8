#include "ss/ops/key_sources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "scratch_folder.hpp"

namespace ss::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KeySourcesFind : public testing::Test {
 protected:
  static std::string text(const std::optional<config::NamedSecret>& secret) {
    if (!secret) return "none";
    return std::string(secret->origin) + ": " + std::string(text_of(secret->secret.reveal()));
  }
  static config::NamedSecret typed(std::string_view key) { return {"-k", Secret(bytes_of(key))}; }

  const ScratchFolder folder_;
  CommandLine line_;
  // What the environment of whoever runs the tests holds does not matter.
  const Variable no_password_{"SS_PASSWORD", nullptr};
  const Variable no_credentials_{"CREDENTIALS_DIRECTORY", nullptr};
};

TEST_F(KeySourcesFind, FindsNothingWhereNothingIs) {
  const KeySearch search = find_keys(line_);
  EXPECT_EQ(search.problem, std::nullopt);
  EXPECT_THAT(search.warnings, IsEmpty());
  EXPECT_EQ(text(line_.overrides.password), "none");
  EXPECT_EQ(text(line_.overrides.default_password), "none");
}

TEST_F(KeySourcesFind, ReadsAKeyFileWithoutItsLineEnd) {
  line_.key_file = folder_.write("key", " a key\r\n\n");
  EXPECT_THAT(find_keys(line_).warnings, IsEmpty());
  EXPECT_EQ(text(line_.overrides.password), "--key-file:  a key");
}

TEST_F(KeySourcesFind, WarnsOfAKeyFileThatOthersCanRead) {
  line_.key_file = folder_.write("key", "k", 0644);
  EXPECT_THAT(find_keys(line_).warnings, ElementsAre(HasSubstr("chmod 600")));
}

TEST_F(KeySourcesFind, RefusesAKeyFileThatIsEmptyOrAbsent) {
  line_.key_file = folder_.write("key", "\n");
  EXPECT_THAT(find_keys(line_).problem.value_or(""), HasSubstr("is empty"));
  line_.key_file = folder_.path("absent");
  EXPECT_THAT(find_keys(line_).problem.value_or(""), HasSubstr("--key-file: "));
}

TEST_F(KeySourcesFind, ReadsTheCredentialOfSystemd) {
  folder_.write("password", "k");
  const Variable credentials("CREDENTIALS_DIRECTORY", folder_.path("").c_str());
  EXPECT_EQ(find_keys(line_).problem, std::nullopt);
  EXPECT_EQ(text(line_.overrides.password), "credential password: k");
}

TEST_F(KeySourcesFind, PassesOverOtherCredentials) {
  folder_.write("certificate", "k");
  const Variable credentials("CREDENTIALS_DIRECTORY", folder_.path("").c_str());
  EXPECT_EQ(find_keys(line_).problem, std::nullopt);
  EXPECT_EQ(text(line_.overrides.password), "none");
}

TEST_F(KeySourcesFind, PutsTheCommandLineInFrontOfTheCredential) {
  folder_.write("password", "credential");
  const Variable credentials("CREDENTIALS_DIRECTORY", folder_.path("").c_str());
  line_.overrides.password = typed("typed");
  find_keys(line_);
  EXPECT_EQ(text(line_.overrides.password), "-k: typed");
  line_.overrides.password.reset();
  line_.key_file = folder_.write("key", "from a file");
  find_keys(line_);
  EXPECT_EQ(text(line_.overrides.password), "--key-file: from a file");
}

TEST_F(KeySourcesFind, WarnsOfAKeyOnTheCommandLine) {
  line_.overrides.password = typed("typed");
  EXPECT_THAT(find_keys(line_).warnings, ElementsAre(testing::AllOf(HasSubstr("-k"), HasSubstr("--key-file"))));
}

TEST_F(KeySourcesFind, TakesTheVariableAsDefaultAndWipesIt) {
  const Variable variable("SS_PASSWORD", "from the environment");
  const char* const in_place = std::getenv("SS_PASSWORD");
  find_keys(line_);
  EXPECT_EQ(text(line_.overrides.default_password), "$SS_PASSWORD: from the environment");
  EXPECT_EQ(text(line_.overrides.password), "none");
  EXPECT_EQ(std::getenv("SS_PASSWORD"), nullptr);
  EXPECT_STREQ(in_place, "xxxxxxxxxxxxxxxxxxxx");
}

TEST(NamedVariablesRead, WipesWhatItReadsAndRemembersIt) {
  const Variable variable("SS_OPS_TEST", "value");
  const char* const in_place = std::getenv("SS_OPS_TEST");
  NamedVariables variables;
  for (int i = 0; i < 2; ++i) {
    const std::optional<Secret> secret = variables.read("SS_OPS_TEST");
    ASSERT_TRUE(secret);
    EXPECT_EQ(text_of(secret->reveal()), "value");
  }
  EXPECT_EQ(std::getenv("SS_OPS_TEST"), nullptr);
  EXPECT_STREQ(in_place, "xxxxx");
  EXPECT_FALSE(variables.read("SS_OPS_TEST_UNSET"));
}

}  // namespace
}  // namespace ss::ops
