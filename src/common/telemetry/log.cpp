#include "ss/telemetry/log.hpp"

#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "ss/telemetry/log_line.hpp"

namespace ss::telemetry {

namespace {

/// Escaped and with its head a line still fits into the page that a writable pipe has room for.
constexpr std::size_t kLongestMessage = 1024;

struct Log {
  Log() : logger("ss", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_level(spdlog::level::trace);
    logger.set_pattern("%v");
    logger.flush_on(spdlog::level::trace);
    // A log that cannot be written must not end or slow the process.
    logger.set_error_handler([](const std::string&) {});
  }

  std::atomic<Level> level{Level::warn};  // until open_log: what tests want to see
  LogFormat format = LogFormat::text;
  LogReader reader = LogReader::terminal;
  spdlog::logger logger;
  std::mutex writing;
};

Log& the_log() {
  // Never destroyed: threads may log while the process ends.
  static Log& log = *new Log;
  return log;
}

}  // namespace

bool parse_level(std::string_view text, Level& out) {
  constexpr std::pair<std::string_view, Level> kNames[] = {
      {"trace", Level::trace}, {"debug", Level::debug},  {"info", Level::info}, {"warn", Level::warn},
      {"error", Level::error}, {"warning", Level::warn}, {"off", Level::off},
  };
  for (const auto& [name, level] : kNames) {
    if (name == text) {
      out = level;
      return true;
    }
  }
  return false;
}

void open_log(Level level, LogFormat format) {
  Log& log = the_log();
  log.format = format;
  log.reader = reader_of_stderr(std::getenv("JOURNAL_STREAM"));
  log.level = level;
}

Level log_level() {
  return the_log().level.load(std::memory_order_relaxed);
}

void write_log(Level level, std::string_view message) {
  Log& log = the_log();
  // A reader that has stopped reading must not stop us: what it has no room for is lost. Asking first, since the
  // descriptor may be shared and so must stay blocking; one writer at a time, since a writable pipe has room for one
  // page only.
  const std::scoped_lock held(log.writing);
  pollfd standard_error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&standard_error, 1, 0) == 0) return;
  log.logger.log(spdlog::level::info,
                 spdlog::string_view_t(format_line(level, log.format, log.reader, std::chrono::system_clock::now(),
                                                   message.substr(0, kLongestMessage))));
}

}  // namespace ss::telemetry
