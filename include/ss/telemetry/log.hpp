#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ss::telemetry {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };

/// `trace` … `off`, as --log-level takes them; false leaves `out` as it was.
bool parse_level(std::string_view text, Level& out);

enum class LogFormat : std::uint8_t { text, json };

/// Sets the process's log up: standard error, one line a message. Threads: before the workers start.
void open_log(Level level, LogFormat format);
[[nodiscard]] Level log_level();

/// Writes one line. Threads: any.
void write_log(Level level, std::string_view message);

/// `log_info("listening on {}", endpoint.to_string())`. Secrets cannot be formatted: their types have no formatter.
template <class... Args>
void log(Level level, fmt::format_string<Args...> format, Args&&... args) {
  if (level >= log_level()) write_log(level, fmt::format(format, std::forward<Args>(args)...));
}
#define SS_LOG_FUNCTION(name, level)                              \
  template <class... Args>                                        \
  void name(fmt::format_string<Args...> format, Args&&... args) { \
    log(level, format, std::forward<Args>(args)...);              \
  }
SS_LOG_FUNCTION(log_debug, Level::debug)
SS_LOG_FUNCTION(log_info, Level::info)
SS_LOG_FUNCTION(log_warn, Level::warn)
SS_LOG_FUNCTION(log_error, Level::error)
#undef SS_LOG_FUNCTION

}  // namespace ss::telemetry
