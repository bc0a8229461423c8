#include "ss/ops/command_line.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "options.hpp"
#include "ss/config/nearest.hpp"

namespace ss::ops {

namespace {

using config::Overrides;

constexpr std::pair<std::string_view, Command> kServerCommands[] = {
    {"check", Command::check}, {"genkey", Command::genkey},   {"link", Command::link},
    {"help", Command::help},   {"version", Command::version},
};
constexpr std::pair<std::string_view, Command> kLocalCommands[] = {
    {"check", Command::check},
    {"help", Command::help},
    {"version", Command::version},
};
using CommandNames = std::span<const std::pair<std::string_view, Command>>;

CommandNames commands_of(Program program) {
  return program == Program::server ? CommandNames(kServerCommands) : CommandNames(kLocalCommands);
}

const std::pair<std::string_view, Command>* find_command(CommandNames commands, std::string_view word) {
  const auto at = std::find_if(commands.begin(), commands.end(), [&](const auto& row) { return row.first == word; });
  return at == commands.end() ? nullptr : &*at;
}

/// An argument that is no option and no option's value.
struct Word {
  std::string_view text;
  std::size_t place;  ///< among the arguments, from 1
  bool beside_key;    ///< a key stands among the options: this may be what missing quotes cut off it
};

/// A word as a message names it: by itself where it can be no key, else by its place.
std::string named(const Word& word, bool harmless) {
  return harmless && !word.beside_key ? fmt::format("\"{}\"", shown(word.text))
                                      : fmt::format("argument {}", word.place);
}

UsageError unknown_word(Program program, const Word& unknown) {
  const std::string_view word = unknown.text;
  const std::string_view self = name_of(program);
  const CommandNames commands = commands_of(program);
  std::vector<std::string_view> names;
  for (const auto& row : commands) names.push_back(row.first);
  if (word.find("://") != std::string_view::npos) {
    return {"what looks like a link does not begin with ss://", fmt::format("write {} \"ss://…\"", self)};
  }
  if (program == Program::local && find_command(kServerCommands, word) != nullptr) {
    return {fmt::format("ss-local has no command {}", word), fmt::format("write ss-server {}", word)};
  }
  const std::string_view kinds = program == Program::local ? "neither a command nor a link" : "no command";
  const auto message = [&](bool harmless) { return fmt::format("{} is {}", named(unknown, harmless), kinds); };
  if (word.ends_with(".json")) {
    return {message(true), fmt::format("write {} -c {}", self, unknown.beside_key ? "FILE" : shown(word))};
  }
  if (const std::string_view near = config::nearest(word, names); !near.empty()) {
    return {message(true), fmt::format("did you mean {} {}?", self, near)};
  }
  if (unknown.beside_key) return {message(false), "a key with spaces needs quotes; better, give --key-file FILE"};
  return {message(false), fmt::format("{} knows the commands {}", self, fmt::join(names, ", "))};
}

// The words decide about the command: a command's name with what belongs to it, or a link.
std::optional<UsageError> read_words(Program program, std::span<char* const> arguments, bool beside_key,
                                     const Given& given, CommandLine& line) {
  const auto unknown = [&](const std::string& text) {
    const auto at = std::find(arguments.begin(), arguments.end(), text);
    return unknown_word(program, {text, static_cast<std::size_t>(at - arguments.begin()) + 1, beside_key});
  };
  std::span<const std::string> words = given.words;
  const auto* command = words.empty() ? nullptr : find_command(commands_of(program), words.front());
  if (command != nullptr) {
    line.command = command->second;
    words = words.subspan(1);
  }
  if (line.command == Command::help && !words.empty()) {
    const auto* about = find_command(commands_of(program), words.front());
    if (about == nullptr) return unknown(words.front());
    line.help_for = about->second;
    return std::nullopt;
  }
  if (given.help) {
    line.help_for = line.command;
    line.command = Command::help;
  }
  if (given.version) line.command = Command::version;
  if (line.command == Command::help || line.command == Command::version) return std::nullopt;

  const bool takes_argument = line.command == Command::genkey || line.command == Command::link;
  if (takes_argument && !words.empty()) {
    line.argument = words.front();
    words = words.subspan(1);
  }
  const auto is_link = [](const std::string& word) { return word.starts_with("ss://"); };
  for (const std::string& word : words) {
    if (!is_link(word)) return unknown(word);
  }
  if (words.size() > 1)
    return UsageError{"more than one link", "write several servers as `servers` into a configuration file"};
  return std::nullopt;
}

std::optional<UsageError> read_log_options(const Given& given, CommandLine& line) {
  if (given.verbose) line.log_level = telemetry::Level::debug;
  if (given.log_level && !telemetry::parse_level(*given.log_level, line.log_level)) {
    return UsageError{fmt::format("--log-level: \"{}\" is no level", shown(*given.log_level)),
                      "write trace, debug, info, warn, error or off"};
  }
  if (given.log_format == "json") line.log_format = telemetry::LogFormat::json;
  if (given.log_format && given.log_format != "json" && given.log_format != "text") {
    return UsageError{fmt::format("--log-format: \"{}\" is no format", shown(*given.log_format)), "write text or json"};
  }
  return std::nullopt;
}

// An option behind one whose value was forgotten was taken for the value.
std::optional<UsageError> check_secrets(Program program, const MaskedSecrets& secrets) {
  const std::pair<std::string_view, const std::optional<Secret>&> all[] = {
      {"-k", secrets.password}, {"--key", secrets.key}, {"--url", secrets.link}};
  for (const auto& [name, secret] : all) {
    if (secret && is_option(text_of(secret->reveal()))) return value_missing(program, name);
  }
  return std::nullopt;
}

std::optional<UsageError> take_secrets(Program program, const Given& given, MaskedSecrets& secrets, CommandLine& line) {
  const auto as_overrides = [](std::string_view origin, Secret& secret) {
    return config::NamedSecret{origin, std::move(secret)};
  };
  constexpr std::string_view kBetter = "write the key into a file and give --key-file FILE";
  if (secrets.password && secrets.password->empty()) return UsageError{"-k: the key is empty", std::string(kBetter)};
  if (secrets.key && secrets.key->empty()) return UsageError{"--key: the key is empty", std::string(kBetter)};
  if (given.key_file && (secrets.password || secrets.key)) {
    return UsageError{"--key-file stands beside -k or --key", "give the key once"};
  }
  if (secrets.link && program == Program::server) {
    return UsageError{"a link is for ss-local", "write ss-server -c FILE, or ss-local \"ss://…\""};
  }
  if (secrets.password) line.overrides.password = as_overrides("-k", *secrets.password);
  if (secrets.key) line.overrides.key = as_overrides("--key", *secrets.key);
  if (secrets.link) line.overrides.link = std::string(text_of(secrets.link->reveal()));
  return std::nullopt;
}

// Whether the call gives a command what it works on, and nothing that it does not look at.
std::optional<UsageError> check_fit(Program program, const Given& given, const CommandLine& line) {
  const std::string_view self = name_of(program);
  if (given.host && line.command != Command::link) {
    return UsageError{"--host: only the command link looks at it", fmt::format("write {} link --host NAME", self)};
  }
  if (line.command == Command::genkey) {
    const bool any = line.config_file || line.key_file || line.overrides.password || line.overrides.method;
    if (any) return UsageError{"genkey takes a method and no options", "write ss-server genkey METHOD"};
    return std::nullopt;
  }
  if (line.config_file || line.overrides.link || !line.overrides.server.empty() || line.overrides.server_port) {
    return std::nullopt;
  }
  if (line.command == Command::run) {
    return UsageError{"no configuration",
                      program == Program::local
                          ? "write ss-local -c FILE or ss-local \"ss://…\"; ss-local --help says more"
                          : "write ss-server -c FILE; ss-server --help says more"};
  }
  const std::string_view command = line.command == Command::check ? "check" : "link";
  return UsageError{fmt::format("{}: no configuration", command), fmt::format("write {} {} -c FILE", self, command)};
}

}  // namespace

std::string_view name_of(Program program) {
  return program == Program::local ? "ss-local" : "ss-server";
}

std::variant<CommandLine, UsageError> parse_command_line(Program program, int argc, char** argv) {
  // A call may come without even a name.
  const auto arguments = std::span<char* const>(argv, static_cast<std::size_t>(std::max(argc, 1))).subspan(1);
  MaskedSecrets secrets = mask_secrets(arguments, options_with_value());

  Given given;
  CommandLine line;
  if (auto error = check_secrets(program, secrets)) return *error;
  if (auto error = read_options(program, arguments, given)) return *error;
  const bool beside_key = secrets.password || secrets.key;
  if (auto error = read_words(program, arguments, beside_key, given, line)) return *error;
  if (line.command == Command::help || line.command == Command::version) return line;
  if (auto error = read_log_options(given, line)) return *error;

  line.config_file = given.config_file;
  line.key_file = given.key_file;
  line.host = given.host.value_or("");
  line.overrides = std::move(static_cast<Overrides&>(given));
  if (given.udp_only) line.overrides.mode = config::Mode::udp_only;
  if (given.tcp_and_udp) line.overrides.mode = config::Mode::tcp_and_udp;
  if (auto error = take_secrets(program, given, secrets, line)) return *error;
  if (auto error = check_fit(program, given, line)) return *error;
  return line;
}

}  // namespace ss::ops
