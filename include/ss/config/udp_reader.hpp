#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "ss/config/local_config.hpp"
#include "ss/config/lookup.hpp"

namespace ss::config {

/// What a value of the key `mode` stands for.
/// @pre  the value has the key's shape
Mode mode_of(const JsonValue& value);
/// The word for a mode.
std::string_view word_of(Mode mode);

/// Where ss-local's modes are written.
struct LocalModes {
  const Section* flags = nullptr;    ///< the command line, -u and -U: for every inbound, whatever the file asks of it
  const Section* top = nullptr;      ///< the file: for each inbound without a mode of its own
  Mode servers = Mode::tcp_and_udp;  ///< what the servers relay together
};

/// What one inbound serves: what is asked of it, as far as the servers relay it. Reports where that is not all, or
/// nothing.
/// @param inbound  the element of `locals`, or the file for the inbound outside of them
/// @pre  modes.flags and modes.top are set
Mode read_inbound_mode(const LocalModes& modes, const Section& inbound, ProblemList& problems);

/// `udp_timeout`, else `timeout`, else 300 s; raised to what the method needs.
/// @param method  null where it was refused
std::chrono::milliseconds read_udp_timeout(const Lookup& lookup, const cipher::Method* method);

UdpOverTcp read_udp_over_tcp(const Lookup& lookup);

/// Nothing where it is not written, or was refused.
std::optional<IpAddress> read_associate_address(const Lookup& lookup);

}  // namespace ss::config
