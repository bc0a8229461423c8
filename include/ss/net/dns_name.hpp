#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ss::net {

/// A host name as it is asked for and kept: lower case, without the dot at its end.
/// @return nothing where no name server could know it: an empty label or one over 63 bytes, over 253 bytes in all, or a
/// byte other than letters, digits, `-`, `_` and `.`.
std::optional<std::string> canonical_dns_name(std::string_view name);

/// `localhost` and everything below it: loopback, without asking anybody (RFC 6761 section 6.3).
/// @pre  `name` is canonical.
bool is_localhost(std::string_view name);

}  // namespace ss::net
