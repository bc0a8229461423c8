#include "options.hpp"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <variant>

#include "ss/config/nearest.hpp"
#include "ss/telemetry/log_line.hpp"

namespace ss::ops {

namespace {

using config::Overrides;

using Value = std::optional<std::string> Given::*;
using Values = std::vector<std::string> Given::*;
using Flag = bool Given::*;

struct Option {
  char letter;            // '\0': none
  std::string_view name;  // with its dashes
  std::variant<Value, Values, Flag> slot;
};

constexpr auto kOptions = std::to_array<Option>({
    {'s', "--server", Values{&Overrides::server}},
    {'p', "--server-port", Value{&Overrides::server_port}},
    {'l', "--local-port", Value{&Overrides::local_port}},
    {'b', "--local-address", Value{&Overrides::local_address}},
    {'k', "--password", Value{&Given::masked}},
    {'\0', "--key", Value{&Given::masked}},
    {'\0', "--url", Value{&Given::masked}},
    {'\0', "--key-file", Value{&Given::key_file}},
    {'m', "--method", Value{&Overrides::method}},
    {'t', "--timeout", Value{&Overrides::timeout}},
    {'c', "--config", Value{&Given::config_file}},
    {'u', "--udp", Flag{&Given::tcp_and_udp}},
    {'U', "--udp-only", Flag{&Given::udp_only}},
    {'6', "--ipv6-first", Flag{&Overrides::ipv6_first}},
    {'v', "--verbose", Flag{&Given::verbose}},
    {'\0', "--fast-open", Flag{&Overrides::fast_open}},
    {'\0', "--no-delay", Flag{&Overrides::no_delay}},
    {'\0', "--reuse-port", Flag{&Overrides::reuse_port}},
    {'\0', "--mptcp", Flag{&Overrides::mptcp}},
    {'\0', "--mtu", Value{&Overrides::mtu}},
    {'\0', "--acl", Value{&Overrides::acl}},
    {'\0', "--plugin", Value{&Overrides::plugin}},
    {'\0', "--plugin-opts", Value{&Overrides::plugin_opts}},
    {'\0', "--workers", Value{&Overrides::workers}},
    {'n', "--nofile", Value{&Overrides::nofile}},
    {'a', "--user", Value{&Overrides::user}},
    {'f', "--pid-file", Value{&Overrides::pid_file}},
    {'i', "--interface", Value{&Overrides::bind_interface}},
    {'d', "--dns", Value{&Overrides::dns}},
    {'\0', "--host", Value{&Given::host}},
    {'\0', "--log-level", Value{&Given::log_level}},
    {'\0', "--log-format", Value{&Given::log_format}},
    {'h', "--help", Flag{&Given::help}},
    {'V', "--version", Flag{&Given::version}},
});

std::string help_hint(Program program) {
  return fmt::format("{} --help lists the options", name_of(program));
}

UsageError unknown_option(Program program, std::string_view written) {
  const bool is_long = written.starts_with("--");
  std::string_view name = is_long ? written.substr(0, written.find('=')) : written.substr(0, 2);
  std::vector<std::string_view> names;
  names.reserve(kOptions.size());
  for (const Option& option : kOptions) names.push_back(option.name);
  const std::string_view near = is_long ? config::nearest(name, names) : std::string_view{};
  // Behind `=` or a letter a secret may stand, and right behind a name that is given one.
  std::string_view cut;
  for (const std::string_view start : {"--k", "--pass", "--url"}) {
    if (name.starts_with(start) && name.size() > start.size()) {
      name = start;
      cut = "…";
    }
  }
  return {fmt::format("{}{}: no such option", shown(name), cut),
          near.empty() ? help_hint(program) : fmt::format("did you mean {}?", near)};
}

}  // namespace

OptionForms options_with_value() {
  static const auto kForms = [] {
    std::pair<std::string, std::vector<std::string_view>> with_value;
    for (const Option& option : kOptions) {
      if (std::holds_alternative<Flag>(option.slot)) continue;
      if (option.letter != '\0') with_value.first += option.letter;
      with_value.second.push_back(option.name);
    }
    return with_value;
  }();
  return {kForms.first, kForms.second};
}

bool is_option(std::string_view written) {
  return std::any_of(kOptions.begin(), kOptions.end(), [&](const Option& option) {
    const bool letter =
        written.size() == 2 && written[0] == '-' && option.letter != '\0' && written[1] == option.letter;
    return letter || written == option.name;
  });
}

std::string shown(std::string_view word) {
  constexpr std::size_t kMost = 40;
  return telemetry::escape_line(word.substr(0, kMost)) + (word.size() > kMost ? "…" : "");
}

UsageError value_missing(Program program, std::string_view option) {
  return {fmt::format("{}: needs a value", option), help_hint(program)};
}

std::optional<UsageError> read_options(Program program, std::span<char* const> arguments, Given& given) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<CLI::Option*> options;
  for (const Option& option : kOptions) {
    const std::string letter = option.letter == '\0' ? std::string() : fmt::format("-{},", option.letter);
    const std::string names = letter + std::string(option.name);
    if (std::holds_alternative<Flag>(option.slot)) {
      options.push_back(app.add_flag(names)->disable_flag_override());
    } else {
      options.push_back(app.add_option(names)->take_all());
    }
  }
  CLI::Option* words = app.add_option("words")->expected(-1)->take_all();
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch& error) {
    // `--option: 1 required …` or `option was given a disallowed flag override`.
    const std::string_view what = error.what();
    const std::string_view option = what.substr(0, what.find_first_of(": "));
    if (what.substr(option.size()).starts_with(':')) return value_missing(program, option);
    return UsageError{fmt::format("{}{}: takes no value", option.size() == 1 ? "-" : "--", option), help_hint(program)};
  } catch (const CLI::ParseError&) {
    // What CLI11 says may repeat any argument.
    return UsageError{"the options cannot be read", help_hint(program)};
  }
  for (const std::string& extra : app.remaining()) {
    if (extra.starts_with('-') && extra != "--") return unknown_option(program, extra);
  }
  for (std::size_t i = 0; i < kOptions.size(); ++i) {
    if (options[i]->count() == 0) continue;
    const std::vector<std::string>& results = options[i]->results();
    // As getopt(3) does, CLI11 takes the next option for the value of one whose value was forgotten.
    const auto is_none = [](const std::string& value) {
      return is_option(value) || brings_secret(value, options_with_value());
    };
    if (std::any_of(results.begin(), results.end(), is_none)) return value_missing(program, kOptions[i].name);
    if (const auto* flag = std::get_if<Flag>(&kOptions[i].slot)) given.*(*flag) = true;
    if (const auto* value = std::get_if<Value>(&kOptions[i].slot)) given.*(*value) = results.back();
    if (const auto* values = std::get_if<Values>(&kOptions[i].slot)) given.*(*values) = results;
  }
  given.words = words->results();
  return std::nullopt;
}

}  // namespace ss::ops
