#include "ss/telemetry/log_line.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace ss::telemetry {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const std::chrono::system_clock::time_point kNow{1'700'000'000s + 7ms};

std::string text(Level level, std::string_view message, LogReader reader = LogReader::terminal) {
  return format_line(level, LogFormat::text, reader, kNow, message);
}

nlohmann::json json(std::string_view message) {
  return nlohmann::json::parse(format_line(Level::warn, LogFormat::json, LogReader::terminal, kNow, message));
}

TEST(LogLineEscape, KeepsPrintableText) {
  const std::string message =
      R"(target "example.com" C:\path caf\u00e9 \x0a)"s + " caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x94\x91";
  EXPECT_EQ(escape_line(message), message);
}

TEST(LogLineEscape, MasksLineBreaks) {
  EXPECT_EQ(escape_line("a\nb\r\nc\td"), R"(a\nb\r\nc\td)");
}

TEST(LogLineEscape, MasksEveryControlCharacter) {
  for (int c = 0; c < 0x20; ++c) {
    const std::string escaped = escape_line(std::string(1, static_cast<char>(c)));
    EXPECT_EQ(escaped.front(), '\\') << c;
    for (const char byte : escaped) EXPECT_GE(byte, 0x20) << c;
  }
  EXPECT_EQ(escape_line("\x1b[2J\x7f"s), R"(\x1b[2J\x7f)");
  EXPECT_EQ(escape_line("\0"s), R"(\x00)");
}

TEST(LogLineEscape, MasksUnicodeControls) {
  EXPECT_EQ(escape_line("\xC2\x85"), R"(\xc2\x85)");          // next line, C1
  EXPECT_EQ(escape_line("\xE2\x80\xA8"), R"(\xe2\x80\xa8)");  // line separator
  EXPECT_EQ(escape_line("\xE2\x80\xAE"
                        "x"),
            R"(\xe2\x80\xaex)");  // right-to-left override
}

TEST(LogLineEscape, MasksBytesThatAreNoUtf8) {
  EXPECT_EQ(escape_line("\xFF\xFE"), R"(\xff\xfe)");
  EXPECT_EQ(escape_line("\xC0\xAF"), R"(\xc0\xaf)");          // overlong
  EXPECT_EQ(escape_line("\xE0\x80\x8A"), R"(\xe0\x80\x8a)");  // overlong newline
  EXPECT_EQ(escape_line("\xE0\x81\x81"), R"(\xe0\x81\x81)");  // overlong A
  EXPECT_EQ(escape_line("\xED\xA0\x80"), R"(\xed\xa0\x80)");  // surrogate
  EXPECT_EQ(escape_line("\xF4\x90\x80\x80"), R"(\xf4\x90\x80\x80)");
  EXPECT_EQ(escape_line("a\xE2\x82"), R"(a\xe2\x82)");  // cut short
  EXPECT_EQ(escape_line("\xE2\n\xAC"), R"(\xe2\n\xac)");
}

TEST(LogLineFormat, StampsTextForATerminal) {
  EXPECT_EQ(text(Level::info, "ready"), "2023-11-14T22:13:20.007Z info  ready");
  EXPECT_EQ(text(Level::error, "gone"), "2023-11-14T22:13:20.007Z error gone");
}

TEST(LogLineFormat, LeavesTheTimeToTheJournal) {
  EXPECT_EQ(text(Level::error, "gone", LogReader::journal), "<3>gone");
  EXPECT_EQ(text(Level::warn, "hm", LogReader::journal), "<4>hm");
  EXPECT_EQ(text(Level::info, "ready", LogReader::journal), "<6>ready");
  EXPECT_EQ(text(Level::debug, "x", LogReader::journal), "<7>x");
}

TEST(LogLineFormat, KeepsAForgedLineInside) {
  EXPECT_EQ(text(Level::info, "x\n<0>forged", LogReader::journal), R"(<6>x\n<0>forged)");
}

TEST(LogLineFormat, WritesParsableJson) {
  const nlohmann::json line = json("ready");
  EXPECT_EQ(line.at("time"), "2023-11-14T22:13:20.007Z");
  EXPECT_EQ(line.at("level"), "warn");
  EXPECT_EQ(line.at("message"), "ready");
}

TEST(LogLineFormat, KeepsJsonParsableForEveryByte) {
  for (int c = 0; c < 256; ++c) {
    const std::string message = {'"', static_cast<char>(c), '\\'};
    const std::string read_back = json(message).at("message");
    EXPECT_EQ(read_back, escape_line(message)) << c;
  }
}

TEST(LogLineReader, IsTheJournalOnlyWhereStderrIsItsStream) {
  struct stat status {};
  ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
  const std::string own = std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
  EXPECT_EQ(reader_of_stderr(own.c_str()), LogReader::journal);
  EXPECT_EQ(reader_of_stderr((own + "1").c_str()), LogReader::terminal);
  EXPECT_EQ(reader_of_stderr(nullptr), LogReader::terminal);
}

}  // namespace
}  // namespace ss::telemetry
