#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/net/dial_control.hpp"
#include "ss/net/dialer.hpp"
#include "ss/net/task.hpp"
#include "ss/net/timers.hpp"

namespace ss::net {

/// What became of a dial, in the classes that SOCKS5 replies and logs tell apart.
enum class DialCause : std::uint8_t {
  connected,
  refused,              ///< The target's own machine said no.
  timed_out,            ///< Nobody answered in time.
  ttl_expired,          ///< The way to the target's network is too long, or a circle (with `tell_ttl` alone).
  host_unreachable,     ///< The target's network knows no such machine.
  network_unreachable,  ///< There is no way to the target's network from here.
  not_permitted,        ///< A firewall or the sandbox of this machine forbids it.
  no_descriptors,       ///< This process or machine has no descriptors, ports or memory left.
  family_unsupported,   ///< This machine, or its configuration, has no addresses of the target's family.
  failed,               ///< Anything else; `error` says what.
  name_not_found,       ///< The name does not exist or has no address (set by resolve_all's caller).
  name_failed,          ///< No name server answered (likewise).
  denied,               ///< Policy (likewise).
  cancelled,            ///< DialControl::cancel
};

/// The class of what connect, Stream::finish_connect or a socket option said.
DialCause cause_of(int error);
/// `refused`, `timed out`, …
std::string_view name_of(DialCause cause);

struct DialResult {
  std::unique_ptr<Stream> stream;  ///< set with `connected` alone
  DialCause cause = DialCause::failed;
  int error = 0;         ///< errno or kTtlExpired, where there was one
  Endpoint bound;        ///< our end of the connection
  std::size_t sent = 0;  ///< how much of `DialOptions::first` need not be written any more
};

struct DialOptions {
  Duration connect_timeout = std::chrono::seconds(10);      ///< for the whole dial, from its start
  Duration attempt_delay = std::chrono::milliseconds(250);  ///< between attempts, while none has failed
  /// What may ride in a SYN (Dialer::begin). It is there until the dial is over. No other attempt is made beside one
  /// that has sent of it, nor after one whose other end may have read it before it failed.
  ConstBytes first{};
  /// Whether an expired TTL has its own cause (DialWishes).
  bool tell_ttl = false;
};

/// Orders addresses as RFC 8305 has it: the families take turns, the preferred one first, each in the order given.
std::vector<Endpoint> interleave(const std::vector<IpAddress>& addresses, std::uint16_t port, bool ipv6_first);

/// Connects to the first of `endpoints` that answers (Happy Eyeballs, RFC 8305): attempts begin in order, one every
/// `attempt_delay`, or at once when one has failed. The first success wins and the others are reset.
///
/// Where all fail, `cause` is that of the most telling failure: one that came from the target rather than from our own
/// machine.
/// @param control  may be null.
/// Cost: one frame, and one allocation where there are several endpoints.
Task<DialResult> dial(Dialer& dialer, Timers& timers, std::vector<Endpoint> endpoints, DialOptions options = {},
                      DialControl* control = nullptr);

}  // namespace ss::net
