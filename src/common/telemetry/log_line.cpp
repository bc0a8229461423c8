#include "ss/telemetry/log_line.hpp"

#include <fmt/chrono.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <iterator>

namespace ss::telemetry {

namespace {

struct Symbol {
  std::size_t length;  ///< bytes; 1 where they are no UTF-8
  bool printable;
};

bool prints(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool direction =
      c == 0x061C || (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return !control && !separator && !direction;
}

// Reads one symbol as RFC 3629 defines UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
Symbol first_symbol(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {1, prints(lead)};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {1, false};
  char32_t c = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return {1, false};
    c = c << 6 | (at(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (c < kLeast[length] || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) return {1, false};
  return {length, prints(c)};
}

void put_escaped(std::string& out, char byte) {
  switch (byte) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
  }
}

std::string quote_json(std::string_view escaped) {
  // What escape_line leaves holds no control character and no broken UTF-8: quotes and backslashes are all that is left
  // to mask.
  std::string out = "\"";
  for (const char c : escaped) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

std::string_view name_of(Level level) {
  constexpr std::array<std::string_view, 6> kNames = {"trace", "debug", "info", "warn", "error", "off"};
  return kNames[static_cast<std::size_t>(level)];
}

// The priorities of syslog(3), which the journal reads from the start of a line.
int priority_of(Level level) {
  switch (level) {
    case Level::error:
      return 3;
    case Level::warn:
      return 4;
    case Level::info:
      return 6;
    default:
      return 7;
  }
}

std::string stamp(std::chrono::system_clock::time_point now) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                     (since - seconds).count());
}

}  // namespace

std::string escape_line(std::string_view message) {
  std::string out;
  out.reserve(message.size());
  while (!message.empty()) {
    const Symbol symbol = first_symbol(message);
    const std::string_view bytes = message.substr(0, symbol.length);
    if (symbol.printable) {
      out += bytes;
    } else {
      for (const char byte : bytes) put_escaped(out, byte);
    }
    message.remove_prefix(symbol.length);
  }
  return out;
}

std::string format_line(Level level, LogFormat format, LogReader reader, std::chrono::system_clock::time_point now,
                        std::string_view message) {
  const std::string escaped = escape_line(message);
  if (format == LogFormat::json) {
    return fmt::format(R"({{"time":"{}","level":"{}","message":{}}})", stamp(now), name_of(level), quote_json(escaped));
  }
  if (reader == LogReader::journal) return fmt::format("<{}>{}", priority_of(level), escaped);
  return fmt::format("{} {:5} {}", stamp(now), name_of(level), escaped);
}

LogReader reader_of_stderr(const char* journal_stream) {
  // systemd.exec(5): the variable is inherited, so only device and inode tell whether standard error still is the
  // journal.
  struct stat status {};
  if (journal_stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return LogReader::terminal;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == journal_stream ? LogReader::journal
                                                                              : LogReader::terminal;
}

}  // namespace ss::telemetry
