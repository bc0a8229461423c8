#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "ss/cipher/method.hpp"
#include "ss/config/key_table.hpp"
#include "ss/config/problem.hpp"

namespace ss::config {

/// Identity keys that one connection may carry in front of the user's own (SIP023).
inline constexpr std::size_t kMaxIdentityKeys = 16;

/// The method of that name, or why there is none: a stream cipher of old, which anybody can alter in transit, or an
/// unknown name. The name itself is shown only where it is known or nearly so: it may be a password that stands in the
/// wrong place.
std::variant<const cipher::Method*, Complaint> check_method(std::string_view name);

/// Whether `text` is one key for a 2022 method: base64 of exactly the method's key length.
/// @pre  method.is_2022()
std::optional<Complaint> check_psk(const cipher::Method& method, std::string_view text);

/// Whether `text` will do as the password of `method`. On ss-local a 2022 password may be a chain of keys,
/// `iPSK:…:uPSK`. Strength is not judged (see password_strength.hpp). The complaint never shows the text.
std::optional<Complaint> check_password(const cipher::Method& method, std::string_view text, Programs program);

}  // namespace ss::config
