#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "ss/base/address.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"
#include "ss/config/server_config.hpp"

namespace ss::config {

/// What an ss:// link says (SIP002; spec/uri-config section 1).
struct Link {
  const cipher::Method* method = nullptr;  ///< never null in a parsed link
  Secret password;                         ///< UTF-8 or any bytes; 2022: base64 PSKs joined by `:`
  TargetAddress server;
  std::string plugin;       ///< empty = none
  std::string plugin_opts;  ///< unchanged: its escapes belong to the plugin
  std::string tag;          ///< empty = none
};

/// Which part of a link is wrong: `scheme`, `user part`, `method`, `password`, `host`, `port`, and how.
struct LinkProblem {
  std::string_view part;
  std::string what;
  std::string instead;
};

/// Reads a SIP002 link or one of the legacy form (all in base64). The scheme's case does not count; a port that is
/// missing is 8388. The password is checked against the method as in a configuration file.
std::variant<Link, LinkProblem> parse_link(std::string_view text);

/// The SIP002 link: user part in base64url for SIP004 methods, percent-encoded for 2022 ones. parse_link gives the same
/// Link again.
std::string format_link(const Link& link);

/// The link for one user of a server.
/// @param user  an element of config.users, or null where the server has none
/// @param host  the address or name under which clients reach the server
/// @pre  the credentials hold a password, not a raw key (a link has no room for one); host is not empty and at most 255
/// bytes
Link make_link(const ServerConfig& config, const User* user, std::string_view host);

}  // namespace ss::config
