#include "ss/ops/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "arguments.hpp"
#include "scratch_folder.hpp"

namespace ss::ops {
namespace {

using testing::HasSubstr;

constexpr std::string_view kGood = R"({
  "server": "127.0.0.1", "server_port": 8388, "method": "aes-256-gcm",
  "password": "2ZkDpn4lsQ8yTw1vRb7c"
})";

int runs = 0;

// A call of a program, with what it said.
struct Answer {
  int code = 0;
  std::string out;
  std::string err;
};

template <class Main>
Answer call(std::vector<std::string> words, Main run) {
  Arguments arguments(std::move(words));
  runs = 0;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Answer answer;
  answer.code = run(arguments.count(), arguments.pointers());
  std::fflush(stdout);
  answer.out = testing::internal::GetCapturedStdout();
  answer.err = testing::internal::GetCapturedStderr();
  return answer;
}

Answer server(std::vector<std::string> words) {
  return call(std::move(words), [](int argc, char** argv) {
    return run_server(argc, argv, [](const config::ServerConfig&) {
      ++runs;
      return 7;
    });
  });
}

Answer local(std::vector<std::string> words) {
  return call(std::move(words), [](int argc, char** argv) {
    return run_local(argc, argv, [](const config::LocalConfig&) {
      ++runs;
      return 7;
    });
  });
}

class ProgramAnswer : public testing::Test {
 protected:
  const ScratchFolder folder_;
  const std::string good_ = folder_.write("good.json", kGood);
  const Variable no_password_{"SS_PASSWORD", nullptr};
  const Variable no_credentials_{"CREDENTIALS_DIRECTORY", nullptr};
};

TEST_F(ProgramAnswer, RunsWithTheExitCodeOfTheService) {
  EXPECT_EQ(server({"-c", good_}).code, 7);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(local({"-c", good_}).code, 7);
  EXPECT_EQ(runs, 1);
}

TEST_F(ProgramAnswer, RunsFromALinkAlone) {
  // aes-256-gcm:2ZkDpn4lsQ8yTw1vRb7c
  EXPECT_EQ(local({"ss://YWVzLTI1Ni1nY206MlprRHBuNGxzUTh5VHcxdlJiN2M@127.0.0.1:8388"}).code, 7);
}

TEST_F(ProgramAnswer, ChecksWithoutRunning) {
  const Answer answer = server({"check", "-c", good_});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(local({"check", "-c", good_}).code, 0);
}

TEST_F(ProgramAnswer, ExitsWith2ForABadConfigurationAndNamesThePlace) {
  const std::string bad = folder_.write("bad.json", "{\n  \"server_prot\": 1\n}");
  for (const Answer& answer : {server({"check", "-c", bad}), server({"-c", bad}), local({"check", "-c", bad})}) {
    EXPECT_EQ(answer.code, 2);
    EXPECT_THAT(answer.err, HasSubstr(bad + ":2:3: "));
  }
  EXPECT_EQ(runs, 0);
}

TEST_F(ProgramAnswer, ExitsWith2ForAFileThatCannotBeRead) {
  const Answer answer = server({"-c", folder_.path("absent.json")});
  EXPECT_EQ(answer.code, 2);
  EXPECT_THAT(answer.err, HasSubstr("ENOENT"));
}

TEST_F(ProgramAnswer, ExitsWith2ForBadUsageInTwoLines) {
  const Answer answer = server({"chekc"});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 2);
  EXPECT_EQ(answer.out, "");
}

TEST_F(ProgramAnswer, ExitsWith2ForWhatIsNotSupportedYet) {
  for (const std::vector<std::string>& more : {std::vector<std::string>{"--plugin", "obfs"}, {"--acl", "list.acl"}}) {
    std::vector<std::string> words = {"check", "-c", good_};
    words.insert(words.end(), more.begin(), more.end());
    const Answer answer = server(words);
    EXPECT_EQ(answer.code, 2) << more.front();
    EXPECT_THAT(answer.err, HasSubstr("not supported yet")) << more.front();
  }
}

TEST_F(ProgramAnswer, WarnsOfAReadableFileOnlyWhereItHoldsTheKey) {
  const std::string open = folder_.write("open.json", kGood, 0644);
  EXPECT_THAT(server({"check", "-c", open}).err, HasSubstr("chmod 600"));
  const std::string bare =
      folder_.write("bare.json", R"({"server": "127.0.0.1", "server_port": 8388, "method": "aes-256-gcm"})", 0644);
  const std::string key = folder_.write("key", "2ZkDpn4lsQ8yTw1vRb7c\n");
  const Answer answer = server({"check", "-c", bare, "--key-file", key});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(answer.err.find("chmod"), std::string::npos) << answer.err;
}

TEST_F(ProgramAnswer, WarnsOfAKeyOnTheCommandLine) {
  const Answer answer = server({"check", "-c", good_, "-k", "kV5uPzQ0sWm3xYt9Ha2L"});
  EXPECT_EQ(answer.code, 0);
  EXPECT_THAT(answer.err, HasSubstr("-k"));
  EXPECT_EQ(answer.err.find("kV5u"), std::string::npos);
}

TEST_F(ProgramAnswer, PrintsANewKeyEachTime) {
  const Answer first = server({"genkey", "2022-blake3-aes-128-gcm"});
  EXPECT_EQ(first.code, 0);
  EXPECT_EQ(first.out.size(), 25U) << first.out;  // base64 of 16 bytes, and a newline
  EXPECT_NE(first.out, server({"genkey", "2022-blake3-aes-128-gcm"}).out);
  EXPECT_EQ(server({"genkey"}).out.size(), 45U);
}

TEST_F(ProgramAnswer, RefusesAKeyForNoMethod) {
  EXPECT_THAT(server({"genkey", "aes-265-gcm"}).err, HasSubstr("did you mean aes-256-gcm?"));
  EXPECT_THAT(server({"genkey", "rc4-md5"}).err, HasSubstr("rc4-md5 is broken"));
  EXPECT_EQ(server({"genkey", "none"}).code, 2);
}

TEST_F(ProgramAnswer, NeverRepeatsWhatMayBeAKey) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"link", "-c", good_, "-kk", "topsecret"},
                                                {"genkey", "-kk", "topsecret"},
                                                {"genkey", "topsecret"}}) {
    const Answer answer = server(words);
    EXPECT_EQ(answer.code, 2);
    EXPECT_EQ((answer.out + answer.err).find("topsecret"), std::string::npos) << answer.err;
  }
}

TEST_F(ProgramAnswer, PrintsTheLink) {
  const Answer answer = server({"link", "-c", good_});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, testing::MatchesRegex("ss://.*@127.0.0.1:8388[^\n]*\n"));
  EXPECT_EQ(server({"link", "-c", good_, "nobody"}).code, 2);
}

TEST_F(ProgramAnswer, PrintsHelpAndVersion) {
  EXPECT_THAT(server({"--help"}).out, HasSubstr("Usage: ss-server"));
  EXPECT_THAT(local({"check", "-h"}).out, HasSubstr("Usage: ss-local check"));
  const Answer version = local({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out, testing::StartsWith("ss-local "));
}

// The options that a help text names, each in the form in which it stands there.
std::vector<std::string> options_in(const std::string& help) {
  static const std::regex kOption("(^|\\s)(--?[A-Za-z0-9][a-z0-9-]*)");
  std::vector<std::string> options;
  for (auto at = std::sregex_iterator(help.begin(), help.end(), kOption); at != std::sregex_iterator(); ++at)
    options.push_back((*at)[2]);
  return options;
}

TEST_F(ProgramAnswer, TakesEachOptionThatItsHelpNames) {
  const std::string key = folder_.write("key", "2ZkDpn4lsQ8yTw1vRb7c\n");
  const std::string link = "ss://YWVzLTI1Ni1nY206MlprRHBuNGxzUTh5VHcxdlJiN2M@127.0.0.1:8388";
  const std::map<std::string, std::string> values = {
      {"-c", good_},
      {"-s", "127.0.0.1"},
      {"-p", "8389"},
      {"-l", "1081"},
      {"-m", "aes-128-gcm"},
      {"--key-file", key},
      {"-k", "kV5uPzQ0sWm3xYt9Ha2L"},
      {"--key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="},
      {"--url", link},
      {"-b", "127.0.0.1"},
      {"-i", "lo"},
      {"-d", "9.9.9.9"},
      {"-t", "60"},
      {"--workers", "2"},
      {"-n", "1024"},
      {"-f", folder_.path("pid")},
      {"--log-level", "info"},
      {"--log-format", "text"},
      {"--config", good_},
      {"--server", "127.0.0.1"},
      {"--server-port", "8389"},
      {"--local-port", "1081"},
      {"--method", "aes-128-gcm"},
      {"--password", "kV5uPzQ0sWm3xYt9Ha2L"},
      {"--local-address", "127.0.0.1"},
      {"--interface", "lo"},
      {"--dns", "9.9.9.9"},
      {"--timeout", "60"},
      {"--nofile", "1024"},
      {"--pid-file", folder_.path("pid")},
  };
  const std::string keyless =
      folder_.write("keyless.json", R"({"server": "127.0.0.1", "server_port": 8388, "method": "aes-256-gcm"})");
  for (const bool is_server : {true, false}) {
    const std::vector<std::string> options = options_in(is_server ? server({"--help"}).out : local({"--help"}).out);
    EXPECT_GT(options.size(), 30U);
    for (const std::string& option : options) {
      const bool is_key = option.starts_with("--key") || option == "-k" || option == "--password";
      std::vector<std::string> words = {"check", "-c", is_key ? keyless : good_, option};
      if (const auto value = values.find(option); value != values.end()) words.push_back(value->second);
      const Answer answer = is_server ? server(words) : local(words);
      EXPECT_EQ(answer.code, 0) << option << ": " << answer.err;
      EXPECT_THAT(answer.err, testing::Not(testing::ContainsRegex(" yet|no effect"))) << option;
    }
  }
}

TEST_F(ProgramAnswer, LeavesThePidFileToTheService) {
  const std::string pid_file = folder_.write("pid", "1\n");
  EXPECT_EQ(server({"-c", good_, "-f", pid_file}).code, 7);
  EXPECT_EQ(std::filesystem::file_size(pid_file), 2U);
}

}  // namespace
}  // namespace ss::ops
