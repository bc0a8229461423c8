#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "ss/base/address.hpp"

namespace ss::local {

/// Where a request to an HTTP proxy wants to go (RFC 9112 section 3.2).
struct HttpTarget {
  TargetAddress address;
  std::string_view authority;  ///< as it was written: host, and the port where there was one
  std::string_view path;       ///< with the query, without the fragment; may be empty or begin with the query

  [[nodiscard]] std::string origin_form() const;
};

enum class HttpTargetFault : std::uint8_t {
  malformed,  ///< also: user information, port 0, no host
  scheme,     ///< not http
};

/// Lifetime: the views point into what was parsed.
using HttpTargetResult = std::variant<HttpTarget, HttpTargetFault>;

/// `http://host[:port][/path][?query][#fragment]`; the port is 80 where none is written.
HttpTargetResult parse_absolute(std::string_view text);
/// `host:port`, as after CONNECT; there is no port but the written one.
HttpTargetResult parse_connect_target(std::string_view text);

/// Whether the value of a Host field names `address`, in any spelling; the port is 80 where none is written.
bool names(std::string_view host_field, const TargetAddress& address);

}  // namespace ss::local
