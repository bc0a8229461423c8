#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ss/config/lookup.hpp"
#include "ss/config/settings.hpp"

namespace ss::config {

/// Reads what both programs are told, and reports what is wrong with it. The timeout for UDP is left to
/// `read_udp_timeout`, which needs to know the method.
/// @param port  the server's port, by which a `dscp` object is looked up
Settings read_settings(const Lookup& lookup, Programs program, std::uint16_t port);

/// Method, password or key.
struct CredentialRules {
  Programs program;
  bool has_users = false;      ///< users of its own stand in for the password of a SIP004 server
  bool only_loopback = false;  ///< the method `none` is allowed
  bool allow_weak = false;
};
Credentials read_credentials(const Lookup& lookup, const CredentialRules& rules);

/// Says so where a SIP004 password can be guessed: an error on ss-server unless `allow_weak`, a warning on ss-local.
void check_strength(const cipher::Method& method, const Secret& password, const JsonValue& value,
                    const std::string& path, const CredentialRules& rules, ProblemList& problems);

/// The port of addresses that are written without one.
struct PortRule {
  std::uint16_t port = 0;
  bool overrules = false;  ///< it was given nearer to the command line than the address, so it counts even where the
                           ///< address has its own
};

/// The port of `name` for the addresses in `address`; 0 where it is not written or was refused.
PortRule read_port(const Lookup& lookup, std::string_view name, const Found& address);

/// `host`, `host:port` or an address.
/// @return nothing, and the problem reported, where it is neither. The port is 0 where none is known.
std::optional<TargetAddress> read_address(const JsonValue& value, const std::string& path, const PortRule& rule,
                                          ProblemList& problems);

/// `::` takes IPv4 too, unless that is listened for by itself or was ruled out.
/// @param v6_only  the key `ipv6_only`
void settle_families(bool v6_only, const std::vector<Listener*>& listeners);

}  // namespace ss::config
