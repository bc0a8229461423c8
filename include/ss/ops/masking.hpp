#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "ss/base/secret.hpp"

namespace ss::ops {

/// The options of a command line as far as one must know them to tell values from words.
struct OptionForms {
  std::string_view letters;                 ///< short options that take a value
  std::span<const std::string_view> names;  ///< long options that take a value, with their dashes
};

/// The secrets that stood on a command line. Of several the last counts.
struct MaskedSecrets {
  std::optional<Secret> password;  ///< value of -k or --password
  std::optional<Secret> key;       ///< value of --key
  std::optional<Secret> link;      ///< value of --url, or a word that begins with ss://
};

/// Whether `argument` is an option that carries a secret, or is followed by one: `-k`, `-vkSECRET`,
/// `--password=SECRET`.
bool brings_secret(std::string_view argument, const OptionForms& options);

/// Takes the secrets out of `arguments` and leaves an `x` for each of their bytes: what the process list shows from
/// then on. Of a link, `ss://` stays. An option that brings a secret is never taken for the value of one in front of it
/// whose value was forgotten.
/// @param arguments  NUL-terminated and writable, without the program's name.
MaskedSecrets mask_secrets(std::span<char* const> arguments, const OptionForms& options);

}  // namespace ss::ops
