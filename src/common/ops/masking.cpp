#include "ss/ops/masking.hpp"

#include <algorithm>
#include <cstring>

namespace ss::ops {

namespace {

constexpr std::string_view kScheme = "ss://";
constexpr std::string_view kSecretNames[] = {"--password", "--key", "--url"};
// What -p makes of a name that lacks its second dash.
constexpr std::string_view kOneDash = "-password=";

std::string_view name_in(std::string_view long_option) {
  return long_option.substr(0, long_option.find('='));
}

Secret take(char* text) {
  const std::size_t size = std::strlen(text);
  Secret secret(bytes_of({text, size}));
  std::memset(text, 'x', size);
  return secret;
}

class Masking {
 public:
  Masking(std::span<char* const> arguments, const OptionForms& options) : arguments_(arguments), options_(options) {}

  MaskedSecrets run() {
    bool options_over = false;
    for (next_ = 0; next_ < arguments_.size();) {
      char* const argument = arguments_[next_++];
      const std::string_view text = argument;
      if (!options_over && text == "--") {
        options_over = true;
      } else if (!options_over && text.starts_with("--")) {
        long_option(argument);
      } else if (!options_over && text.size() > 1 && text.starts_with('-')) {
        short_options(argument);
      } else if (text.starts_with(kScheme)) {
        take_link(argument);
      }
    }
    return std::move(found_);
  }

 private:
  void long_option(char* argument) {
    const std::string_view text = argument;
    const std::string_view name = name_in(text);
    if (std::find(options_.names.begin(), options_.names.end(), name) == options_.names.end()) return;
    const bool secret = brings_secret(text, options_);
    char* const value = name.size() < text.size() ? argument + name.size() + 1 : value_that_follows(secret);
    if (value == nullptr) return;
    if (name == "--password") found_.password = take(value);
    if (name == "--key") found_.key = take(value);
    if (name == "--url") take_link(value);
  }

  void short_options(char* argument) {
    if (std::string_view(argument).starts_with(kOneDash)) {
      take(argument + kOneDash.size());
      return;
    }
    for (char* letter = argument + 1; *letter != '\0'; ++letter) {
      if (options_.letters.find(*letter) == std::string_view::npos) continue;
      char* const value = letter[1] != '\0' ? letter + 1 : value_that_follows(*letter == 'k');
      if (value != nullptr && *letter == 'k') found_.password = take(value);
      return;
    }
  }

  // Whatever follows is the value, as getopt(3) and CLI11 have it; but where that is an option with a secret of its
  // own, the call is going to be refused, and the secret is masked all the same.
  char* value_that_follows(bool secret) {
    if (next_ == arguments_.size() || (!secret && brings_secret(arguments_[next_], options_))) return nullptr;
    return arguments_[next_++];
  }

  void take_link(char* value) {
    const std::string_view text = value;
    found_.link = Secret(bytes_of(text));
    take(value + (text.starts_with(kScheme) ? kScheme.size() : 0));
  }

  std::span<char* const> arguments_;
  const OptionForms& options_;
  std::size_t next_ = 0;
  MaskedSecrets found_;
};

}  // namespace

bool brings_secret(std::string_view argument, const OptionForms& options) {
  if (argument.starts_with("--")) {
    return std::find(std::begin(kSecretNames), std::end(kSecretNames), name_in(argument)) != std::end(kSecretNames);
  }
  if (!argument.starts_with('-')) return false;
  // Behind the first letter that takes a value stands that value.
  const std::size_t with_value = argument.find_first_of(options.letters, 1);
  return with_value != std::string_view::npos && argument[with_value] == 'k';
}

MaskedSecrets mask_secrets(std::span<char* const> arguments, const OptionForms& options) {
  return Masking(arguments, options).run();
}

}  // namespace ss::ops
