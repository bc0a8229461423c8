#include "ss/ops/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "arguments.hpp"

namespace ss::ops {
namespace {

using config::Mode;
using config::Overrides;
using testing::ElementsAre;
using testing::HasSubstr;

using Parsed = std::variant<CommandLine, UsageError>;
using Words = std::vector<std::string>;

Parsed parse(Program program, Words words) {
  Arguments arguments(std::move(words));
  return parse_command_line(program, arguments.count(), arguments.pointers());
}

CommandLine good(Program program, Words words) {
  Parsed parsed = parse(program, std::move(words));
  const auto* error = std::get_if<UsageError>(&parsed);
  EXPECT_EQ(error, nullptr) << error->message;
  return error == nullptr ? std::move(std::get<CommandLine>(parsed)) : CommandLine{};
}

// Message and hint of a call that must be refused.
std::string refusal(Program program, Words words) {
  const Parsed parsed = parse(program, std::move(words));
  const auto* error = std::get_if<UsageError>(&parsed);
  if (error == nullptr) return "accepted";
  EXPECT_EQ((error->message + error->hint).find('\n'), std::string::npos);
  return error->message + "; " + error->hint;
}

std::string revealed(const config::NamedSecret& secret) {
  return std::string(text_of(secret.secret.reveal()));
}

constexpr Program kLocal = Program::local;
constexpr Program kServer = Program::server;

struct TextOption {
  std::string letter;  // empty: none
  std::string name;
  std::optional<std::string> Overrides::*field;
};

const TextOption kTexts[] = {
    {"-p", "--server-port", &Overrides::server_port},
    {"-l", "--local-port", &Overrides::local_port},
    {"-b", "--local-address", &Overrides::local_address},
    {"-m", "--method", &Overrides::method},
    {"-t", "--timeout", &Overrides::timeout},
    {"-n", "--nofile", &Overrides::nofile},
    {"-a", "--user", &Overrides::user},
    {"-f", "--pid-file", &Overrides::pid_file},
    {"-i", "--interface", &Overrides::bind_interface},
    {"-d", "--dns", &Overrides::dns},
    {"", "--mtu", &Overrides::mtu},
    {"", "--acl", &Overrides::acl},
    {"", "--plugin", &Overrides::plugin},
    {"", "--plugin-opts", &Overrides::plugin_opts},
    {"", "--workers", &Overrides::workers},
};

TEST(CommandLineParse, PassesEachTextOnAsTyped) {
  for (const TextOption& option : kTexts) {
    Words spellings = {option.name};
    if (!option.letter.empty()) spellings.push_back(option.letter);
    for (const std::string& spelling : spellings) {
      const CommandLine line = good(kServer, {"-c", "f", spelling, "0x1 ;"});
      EXPECT_EQ(line.overrides.*option.field, "0x1 ;") << spelling;
    }
    EXPECT_EQ(good(kServer, {"-c", "f", option.name + "=a=b"}).overrides.*option.field, "a=b") << option.name;
    EXPECT_EQ(good(kServer, {"-c", "f"}).overrides.*option.field, std::nullopt) << option.name;
  }
}

TEST(CommandLineParse, SetsEachFlag) {
  const std::pair<std::string, bool Overrides::*> flags[] = {
      {"-6", &Overrides::ipv6_first},           {"--ipv6-first", &Overrides::ipv6_first},
      {"--fast-open", &Overrides::fast_open},   {"--no-delay", &Overrides::no_delay},
      {"--reuse-port", &Overrides::reuse_port}, {"--mptcp", &Overrides::mptcp}};
  for (const auto& [name, field] : flags) {
    EXPECT_TRUE(good(kLocal, {"-c", "f", name}).overrides.*field) << name;
    EXPECT_FALSE(good(kLocal, {"-c", "f"}).overrides.*field) << name;
  }
}

TEST(CommandLineParse, ChoosesTheModeAsLibevDoes) {
  EXPECT_EQ(good(kServer, {"-c", "f"}).overrides.mode, std::nullopt);
  EXPECT_EQ(good(kServer, {"-c", "f", "-u"}).overrides.mode, Mode::tcp_and_udp);
  EXPECT_EQ(good(kServer, {"-c", "f", "-U"}).overrides.mode, Mode::udp_only);
  EXPECT_EQ(good(kServer, {"-c", "f", "-uU"}).overrides.mode, Mode::tcp_and_udp);
}

TEST(CommandLineParse, TakesAWholeCallOfLibev) {
  const CommandLine line = good(kServer, {"-s", "::0", "-s", "0.0.0.0", "-p8388", "-l", "1080", "-k", "secret", "-m",
                                          "aes-256-gcm", "-t", "60", "-u6v"});
  EXPECT_EQ(line.command, Command::run);
  EXPECT_THAT(line.overrides.server, ElementsAre("::0", "0.0.0.0"));
  EXPECT_EQ(line.overrides.server_port, "8388");
  EXPECT_EQ(line.overrides.password->origin, "-k");
  EXPECT_EQ(revealed(*line.overrides.password), "secret");
  EXPECT_TRUE(line.overrides.ipv6_first);
  EXPECT_EQ(line.log_level, telemetry::Level::debug);
}

TEST(CommandLineParse, TakesOptionsBeforeAndAfterTheCommand) {
  Words words = {"-c", "f", "check", "-p", "1"};
  const CommandLine middle = good(kServer, words);
  for (const Words& order : {Words{"check", "-c", "f", "-p", "1"}, Words{"-c", "f", "-p", "1", "check"}, words}) {
    const CommandLine line = good(kServer, order);
    EXPECT_EQ(line.command, Command::check);
    EXPECT_EQ(line.config_file, "f");
    EXPECT_EQ(line.overrides.server_port, "1");
  }
}

TEST(CommandLineParse, LetsTheLastOfSeveralCount) {
  const CommandLine line = good(kServer, {"-c", "a", "-c", "b", "-p", "1", "--server-port", "2"});
  EXPECT_EQ(line.config_file, "b");
  EXPECT_EQ(line.overrides.server_port, "2");
}

TEST(CommandLineParse, ReadsTheLogOptions) {
  const CommandLine line = good(kLocal, {"-c", "f", "--log-level", "error", "--log-format", "json"});
  EXPECT_EQ(line.log_level, telemetry::Level::error);
  EXPECT_EQ(line.log_format, telemetry::LogFormat::json);
  EXPECT_EQ(good(kLocal, {"-c", "f"}).log_level, telemetry::Level::info);
  EXPECT_THAT(refusal(kLocal, {"-c", "f", "--log-level", "loud"}), HasSubstr("trace, debug"));
  EXPECT_THAT(refusal(kLocal, {"-c", "f", "--log-format", "xml"}), HasSubstr("text or json"));
}

TEST(CommandLineParse, TakesALinkAsWordOrOption) {
  EXPECT_EQ(good(kLocal, {"ss://abc@h:1"}).overrides.link, "ss://abc@h:1");
  EXPECT_EQ(good(kLocal, {"-l", "1081", "ss://abc@h:1", "-v"}).overrides.link, "ss://abc@h:1");
  EXPECT_EQ(good(kLocal, {"--url", "ss://abc@h:1"}).overrides.link, "ss://abc@h:1");
  EXPECT_EQ(good(kLocal, {"check", "ss://abc@h:1"}).command, Command::check);
}

TEST(CommandLineParse, ReadsTheCommandsOfTheServer) {
  EXPECT_EQ(good(kServer, {"genkey"}).command, Command::genkey);
  EXPECT_EQ(good(kServer, {"genkey", "aes-128-gcm"}).argument, "aes-128-gcm");
  EXPECT_EQ(good(kServer, {"link", "-c", "f"}).argument, "");
  const CommandLine line = good(kServer, {"link", "-c", "f", "alice", "--host", "h.example"});
  EXPECT_EQ(line.command, Command::link);
  EXPECT_EQ(line.argument, "alice");
  EXPECT_EQ(line.host, "h.example");
}

TEST(CommandLineParse, AnswersHelpAndVersionWhateverElseIsMissing) {
  EXPECT_EQ(good(kLocal, {"-h"}).command, Command::help);
  EXPECT_EQ(good(kLocal, {"--help"}).help_for, Command::run);
  EXPECT_EQ(good(kServer, {"link", "--help"}).help_for, Command::link);
  EXPECT_EQ(good(kServer, {"help", "genkey"}).help_for, Command::genkey);
  EXPECT_EQ(good(kServer, {"help"}).help_for, Command::run);
  EXPECT_EQ(good(kServer, {"--version"}).command, Command::version);
  EXPECT_EQ(good(kLocal, {"-V"}).command, Command::version);
}

TEST(CommandLineParse, NamesTheNearestCommand) {
  EXPECT_THAT(refusal(kServer, {"chekc", "-c", "f"}), HasSubstr("did you mean ss-server check?"));
  EXPECT_THAT(refusal(kServer, {"-c", "f", "genky"}), HasSubstr("did you mean ss-server genkey?"));
  EXPECT_THAT(refusal(kServer, {"lnik"}), HasSubstr("did you mean ss-server link?"));
  EXPECT_THAT(refusal(kLocal, {"Check"}), HasSubstr("did you mean ss-local check?"));
  EXPECT_THAT(refusal(kServer, {"help", "chek"}), HasSubstr("did you mean ss-server check?"));
  EXPECT_THAT(refusal(kServer, {"quite-another"}), HasSubstr("check, genkey, link"));
}

TEST(CommandLineParse, SaysWhereAWordBelongs) {
  EXPECT_THAT(refusal(kServer, {"config.json"}), HasSubstr("ss-server -c config.json"));
  EXPECT_THAT(refusal(kLocal, {"genkey"}), HasSubstr("write ss-server genkey"));
  EXPECT_THAT(refusal(kServer, {"check", "-c", "f", "more"}), HasSubstr("argument 4 is no command"));
  EXPECT_THAT(refusal(kServer, {"genkey", "aes-128-gcm", "more"}), HasSubstr("argument 3 is no command"));
  EXPECT_THAT(refusal(kServer, {"ss://abc@h:1"}), HasSubstr("ss-local \"ss://"));
  EXPECT_THAT(refusal(kLocal, {"ss://a@h:1", "ss://b@h:1"}), HasSubstr("more than one link"));
}

TEST(CommandLineParse, RefusesUnknownOptions) {
  EXPECT_THAT(refusal(kServer, {"-c", "f", "--server-prot", "1"}), HasSubstr("did you mean --server-port?"));
  EXPECT_THAT(refusal(kServer, {"-c", "f", "--wrokers=4"}), HasSubstr("did you mean --workers?"));
  EXPECT_THAT(refusal(kServer, {"-c", "f", "-z"}), HasSubstr("-z: no such option"));
  EXPECT_THAT(refusal(kServer, {"-c", "f", "-vz"}), HasSubstr("no such option"));
}

TEST(CommandLineParse, RefusesAnOptionWithoutItsValue) {
  for (const std::string option : {"-p", "-s", "-k", "-c", "--plugin", "--url"}) {
    EXPECT_THAT(refusal(kServer, {"-v", option}), HasSubstr("needs a value")) << option;
  }
  EXPECT_THAT(refusal(kServer, {"-c", "-p", "1"}), HasSubstr("--config: needs a value"));
  EXPECT_THAT(refusal(kServer, {"-c", "f", "-k", "-p", "1"}), HasSubstr("-k: needs a value"));
  EXPECT_THAT(refusal(kServer, {"-c", "f", "-k", ""}), HasSubstr("the key is empty"));
}

TEST(CommandLineParse, RefusesAFlagWithAValue) {
  EXPECT_THAT(refusal(kServer, {"-c", "f", "--no-delay=false"}), HasSubstr("--no-delay: takes no value"));
}

TEST(CommandLineParse, RefusesTwoSourcesOfAKey) {
  EXPECT_THAT(refusal(kServer, {"-c", "f", "-k", "x", "--key-file", "g"}), HasSubstr("once"));
  EXPECT_THAT(refusal(kServer, {"-c", "f", "--key", "x", "--key-file", "g"}), HasSubstr("once"));
}

TEST(CommandLineParse, RefusesACallWithoutConfiguration) {
  EXPECT_THAT(refusal(kLocal, {}), HasSubstr("ss-local -c FILE"));
  EXPECT_THAT(refusal(kServer, {"-v"}), HasSubstr("ss-server -c FILE"));
  EXPECT_THAT(refusal(kServer, {"check"}), HasSubstr("ss-server check -c FILE"));
  EXPECT_THAT(refusal(kServer, {"link", "alice"}), HasSubstr("ss-server link -c FILE"));
}

TEST(CommandLineParse, RefusesOptionsThatACommandDoesNotLookAt) {
  EXPECT_THAT(refusal(kServer, {"genkey", "-m", "aes-128-gcm"}), HasSubstr("genkey METHOD"));
  EXPECT_THAT(refusal(kServer, {"check", "-c", "f", "--host", "h"}), HasSubstr("--host"));
}

TEST(CommandLineParse, WipesKeysFromTheArguments) {
  for (const Words& words :
       {Words{"-c", "f", "-k", "topsecret"}, Words{"-c", "f", "-vktopsecret"}, Words{"-c", "f", "--password=topsecret"},
        Words{"ss://topsecret@h:1"}, Words{"--nonsense", "-k", "topsecret"}, Words{"-m", "-ktopsecret"},
        Words{"-m", "-k", "topsecret"}, Words{"--log-level", "--password=topsecret"}, Words{"-password=topsecret"}}) {
    Arguments arguments(words);
    static_cast<void>(parse_command_line(kLocal, arguments.count(), arguments.pointers()));
    EXPECT_EQ(arguments.shown().find("topsecret"), std::string::npos) << arguments.shown();
  }
}

TEST(CommandLineParse, TakesAKeyThatBeginsWithADash) {
  EXPECT_EQ(revealed(*good(kServer, {"-c", "f", "-k", "-4nd-more"}).overrides.password), "-4nd-more");
}

TEST(CommandLineParse, NeverRepeatsAKey) {
  const std::vector<Words> calls = {
      {"-k", "topsecret", "--key-file", "f"},
      {"--passwrod=topsecret"},
      {"--passwrod", "topsecret"},
      {"--passwordtopsecret"},
      {"--passtopsecret"},
      {"--ktopsecret"},
      {"--keytopsecret"},
      {"--urltopsecret"},
      {"-ztopsecret"},
      {"SS://topsecret@h:1"},
      {"sss://topsecret@h:1"},
      {"-k", "topsecret", "--log-level", "x"},
      // The letter twice: the key is `k`, and the secret a word.
      {"-kk", "topsecret"},
      {"-c", "f", "-kk", "topsecret"},
      {"-c", "f", "-vkk", "topsecret"},
      {"check", "-c", "f", "-kk", "topsecret"},
      {"-kk", "topsecret.json"},
      // A letter in front that takes the rest for its value.
      {"-lk", "topsecret"},
      // One dash is missing.
      {"-password", "topsecret"},
      {"-key", "topsecret"},
      // The quotes are missing, or the option.
      {"-k", "my", "topsecret"},
      {"--key", "AAAA", "topsecret"},
      {"-c", "f", "topsecret"},
      // The value of the option in front is missing.
      {"-c", "f", "--log-level", "-ktopsecret"},
      {"-c", "f", "--log-level", "-vktopsecret"},
      {"-c", "f", "--log-level", "--password=topsecret"},
      {"-c", "f", "--log-level", "--key=topsecret"},
      {"-c", "f", "--log-format", "--password", "topsecret"},
      {"-m", "-ktopsecret"},
      {"--verbose=topsecret"},
  };
  for (const Program program : {kLocal, kServer}) {
    for (const Words& words : calls) {
      const std::string said = refusal(program, words);
      EXPECT_NE(said, "accepted") << testing::PrintToString(words);
      EXPECT_EQ(said.find("topsecret"), std::string::npos) << said;
    }
  }
}

TEST(CommandLineParse, RepeatsAWordThatCanBeNoKey) {
  EXPECT_THAT(refusal(kServer, {"chekc"}), HasSubstr("\"chekc\" is no command"));
  EXPECT_THAT(refusal(kServer, {"-k", "a", "chekc"}), HasSubstr("argument 3 is no command"));
  EXPECT_THAT(refusal(kServer, {"-c", "f", "-k", "my", "key"}), HasSubstr("quotes"));
}

TEST(CommandLineParse, KeepsMessagesOnOneLine) {
  EXPECT_THAT(refusal(kServer, {"a\nb\x1b[2J.json"}), HasSubstr("a\\nb\\x1b[2J"));
}

TEST(CommandLineParse, TakesWordsBehindTheTwoDashes) {
  EXPECT_EQ(good(kLocal, {"--", "ss://abc@h:1"}).overrides.link, "ss://abc@h:1");
  EXPECT_THAT(refusal(kServer, {"-c", "f", "--", "-k"}), HasSubstr("argument 4 is no command"));
}

TEST(CommandLineParse, StandsACallWithoutEvenAName) {
  char* nothing[] = {nullptr};
  EXPECT_TRUE(std::holds_alternative<UsageError>(parse_command_line(kServer, 0, nothing)));
}

}  // namespace
}  // namespace ss::ops
