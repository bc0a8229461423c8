#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "ss/telemetry/log.hpp"

namespace ss::telemetry {

/// Who reads the log, which decides what stands in front of a message.
enum class LogReader : std::uint8_t {
  terminal,  ///< a person, a file or a pipe: time and level
  journal,   ///< systemd's journal, which stamps lines itself: its priority mark `<3>` … `<7>` alone
};

/// `message` with every byte escaped that could start a line, move a cursor or turn the reading direction: control
/// characters (C0, DEL, C1), line and paragraph separators, bidirectional controls, and bytes that are no UTF-8, each
/// as `\n`, `\t`, `\r` or
/// `\xHH`. Printable text, backslashes among it, stays as it is.
std::string escape_line(std::string_view message);

/// One line of the log without its newline. `reader` matters to LogFormat::text alone: JSON always carries time and
/// level.
std::string format_line(Level level, LogFormat format, LogReader reader, std::chrono::system_clock::time_point now,
                        std::string_view message);

/// Who reads standard error, by `$JOURNAL_STREAM` (`device:inode`, null where unset) and what standard error really is.
LogReader reader_of_stderr(const char* journal_stream);

}  // namespace ss::telemetry
