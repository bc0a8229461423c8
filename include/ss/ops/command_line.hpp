#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ss/config/overrides.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::ops {

enum class Program : std::uint8_t { local, server };

/// `ss-local`, `ss-server`
std::string_view name_of(Program program);

enum class Command : std::uint8_t { run, check, genkey, link, help, version };

/// What a call of either program asks for.
struct CommandLine {
  Command command = Command::run;
  Command help_for = Command::run;         ///< with Command::help: whose
  std::string argument;                    ///< METHOD of genkey, USER of link; empty where not given
  std::string host;                        ///< --host: under which clients reach the server; empty where not given
  std::optional<std::string> config_file;  ///< -c
  std::optional<std::string> key_file;     ///< --key-file; never beside -k or --key
  config::Overrides overrides;             ///< all that the configuration knows too, unchecked
  telemetry::Level log_level = telemetry::Level::info;
  telemetry::LogFormat log_format = telemetry::LogFormat::text;
};

/// A call that cannot be understood: exit 2.
struct UsageError {
  std::string message;  ///< one line: what is wrong
  std::string hint;     ///< one line: what to write instead
};

/// Reads the arguments of `program`. Options may stand before and after the command; of several the last counts.
///
/// Every key and link is overwritten in `argv` before anything else happens, so that the process list shows it no
/// longer than it must, and no message repeats it.
/// @param argv  as main() got it, its strings writable; argv[0] is skipped.
std::variant<CommandLine, UsageError> parse_command_line(Program program, int argc, char** argv);

}  // namespace ss::ops
