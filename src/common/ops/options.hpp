#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ss/ops/command_line.hpp"
#include "ss/ops/masking.hpp"

namespace ss::ops {

/// What the options of a call were given, before it is known whether they fit together.
struct Given : config::Overrides {
  std::optional<std::string> config_file;
  std::optional<std::string> key_file;
  std::optional<std::string> host;
  std::optional<std::string> log_level;
  std::optional<std::string> log_format;
  std::optional<std::string> masked;  ///< -k, --key, --url: what is left of them in argv
  bool tcp_and_udp = false;
  bool udp_only = false;
  bool verbose = false;
  bool help = false;
  bool version = false;
  std::vector<std::string> words;  ///< arguments that are no option and no option's value
};

/// Sorts the arguments into options and words.
/// @pre  the secrets among them are masked
std::optional<UsageError> read_options(Program program, std::span<char* const> arguments, Given& given);

/// The options that take a value.
OptionForms options_with_value();
/// Whether `written` is an option to the letter: `-p`, `--server-port`.
bool is_option(std::string_view written);

UsageError value_missing(Program program, std::string_view option);

/// A word of the user's, fit for one line of a message.
std::string shown(std::string_view word);

}  // namespace ss::ops
