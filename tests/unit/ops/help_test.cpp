#include "ss/ops/help.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace ss::ops {
namespace {

using testing::HasSubstr;

constexpr std::pair<Program, Command> kAll[] = {
    {Program::local, Command::run},    {Program::local, Command::check},   {Program::server, Command::run},
    {Program::server, Command::check}, {Program::server, Command::genkey}, {Program::server, Command::link},
};

TEST(HelpText, FitsOneScreen) {
  for (const auto& [program, command] : kAll) {
    std::istringstream text{std::string(help_text(program, command))};
    int lines = 0;
    for (std::string line; std::getline(text, line); ++lines) EXPECT_LE(line.size(), 80U) << line;
    EXPECT_GT(lines, 3);
    EXPECT_LE(lines, 24);
  }
}

TEST(HelpText, NamesEachOptionOfARun) {
  for (const char* option :
       {"-c",        "-s",          "-p",           "-m",          "--key-file", "-k",           "--key ",
        "-b",        "-i",          "-d",           "-t",          "-6",         "-n",           "-f",
        "-v",        "-h",          "--version",    "--fast-open", "--no-delay", "--reuse-port", "--mptcp",
        "--workers", "--log-level", "--log-format", "-u,",         "-U,"}) {
    EXPECT_THAT(std::string(help_text(Program::server, Command::run)), HasSubstr(option));
    EXPECT_THAT(std::string(help_text(Program::local, Command::run)), HasSubstr(option));
  }
  EXPECT_THAT(std::string(help_text(Program::local, Command::run)), HasSubstr("-l, --local-port"));
  EXPECT_THAT(std::string(help_text(Program::local, Command::run)), HasSubstr("--url"));
}

TEST(HelpText, OffersNothingThatIsNotSupported) {
  for (const char* option : {"--mtu", "--acl", "--plugin", "--user"}) {
    for (const auto& [program, command] : kAll)
      EXPECT_THAT(std::string(help_text(program, command)), testing::Not(HasSubstr(option)));
  }
}

TEST(HelpVersion, NamesVersionCommitCompilerAndBackends) {
  const std::string text = version_text(Program::server);
  EXPECT_THAT(text, testing::StartsWith("ss-server 0."));
  EXPECT_THAT(text, HasSubstr("commit "));
  EXPECT_THAT(text, HasSubstr("aes-gcm: "));
}

}  // namespace
}  // namespace ss::ops
