#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/config/problem.hpp"
#include "ss/config/settings.hpp"

namespace ss::config {

/// A host as people write it, with the port where one was written.
struct HostPort {
  std::string host;  ///< a name, or an address without brackets
  std::optional<std::uint16_t> port;
};

/// `host`, `host:port`, `[v6]`, `[v6]:port`; an IPv6 address without brackets has no port.
/// @return nothing where the host is neither an address nor made of letters, digits, `-`, `_` and `.`, or the port not
/// in 1..65535.
std::optional<HostPort> parse_host_port(std::string_view text);

/// 1..65535 in digits alone.
std::optional<std::uint16_t> parse_port(std::string_view text);

/// `40000-40100`, the smaller port first, or one port alone.
std::optional<PortRange> parse_port_range(std::string_view text);

/// A code point by number (0..63) or name (`EF`, `CS0`..`CS7`, `AF11`..`AF43`, in any case).
std::optional<std::uint8_t> parse_dscp(std::string_view text);

/// The name servers in a text: addresses with or without port (53), separated by commas; or one of the words `system`
/// (none), `google`, `cloudflare`, `quad9`.
std::variant<std::vector<Endpoint>, Complaint> parse_nameservers(std::string_view text);

/// Whether only this machine reaches the host: a loopback address, or the name `localhost`.
bool is_loopback(const TargetAddress& address);

/// Whether the host stands for every address of the machine (`0.0.0.0`, `::`).
bool is_unspecified(const TargetAddress& address);

}  // namespace ss::config
