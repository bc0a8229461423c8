#include "ss/telemetry/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "ss/base/secret.hpp"

namespace ss::telemetry {
namespace {

static_assert(!fmt::is_formattable<Secret>::value, "secrets never reach a log");
static_assert(!fmt::is_formattable<KeyBytes>::value, "secrets never reach a log");

// What a piece of logging writes to standard error; the log is left as it was found.
template <class Writes>
std::string captured(Level level, LogFormat format, Writes writes) {
  const Level before = log_level();
  testing::internal::CaptureStderr();
  open_log(level, format);
  writes();
  open_log(before, LogFormat::text);
  return testing::internal::GetCapturedStderr();
}

TEST(LogParseLevel, KnowsEveryLevel) {
  const std::pair<const char*, Level> names[] = {{"trace", Level::trace}, {"debug", Level::debug},
                                                 {"info", Level::info},   {"warn", Level::warn},
                                                 {"error", Level::error}, {"off", Level::off}};
  for (const auto& [name, level] : names) {
    Level out = level == Level::off ? Level::trace : Level::off;
    EXPECT_TRUE(parse_level(name, out)) << name;
    EXPECT_EQ(out, level) << name;
  }
}

TEST(LogParseLevel, LeavesTheLevelAloneOnOtherText) {
  Level out = Level::error;
  for (const char* text : {"", "Info", "loud", "infoo", "0"}) EXPECT_FALSE(parse_level(text, out)) << text;
  EXPECT_EQ(out, Level::error);
}

TEST(LogWrite, WritesOneLineAMessage) {
  const std::string lines = captured(Level::info, LogFormat::text, [] {
    log_info("{} listens on {}", "ss-local", 1080);
    log_warn("two\nlines");
  });
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_NE(lines.find("info  ss-local listens on 1080\n"), std::string::npos);
  EXPECT_NE(lines.find("warn  two\\nlines\n"), std::string::npos);
}

TEST(LogWrite, LeavesOutWhatIsBelowTheLevel) {
  const auto writes = [] {
    log_debug("d");
    log_info("i");
    log_error("e");
  };
  const std::string errors = captured(Level::error, LogFormat::text, writes);
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1);
  EXPECT_EQ(captured(Level::off, LogFormat::text, writes), "");
}

TEST(LogWrite, TakesBracesInAMessageAsTheyAre) {
  const std::string line = captured(Level::info, LogFormat::text, [] { log_info("{}", "{} %s %v {0:x}"); });
  EXPECT_NE(line.find("{} %s %v {0:x}\n"), std::string::npos);
}

TEST(LogWrite, LosesWhatAFullPipeHasNoRoomFor) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int before = ::dup(STDERR_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  open_log(Level::info, LogFormat::text);
  // Far more than any pipe holds: were one write to block, this would never end.
  for (int i = 0; i < 20'000; ++i) log_info("a line that nobody reads");
  ::dup2(before, STDERR_FILENO);
  for (const int descriptor : {before, ends[0], ends[1]}) ::close(descriptor);
}

TEST(LogWrite, WritesJsonLines) {
  const std::string line = captured(Level::info, LogFormat::json, [] { log_info("say \"{}\"", "a\nb"); });
  EXPECT_EQ(nlohmann::json::parse(line).at("message"), "say \"a\\nb\"");
}

}  // namespace
}  // namespace ss::telemetry
