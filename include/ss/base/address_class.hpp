#pragma once

#include <string_view>

#include "ss/base/address.hpp"

namespace ss {

/// Why an address is not a public one, or `global` if it is (IANA special-purpose registries).
enum class AddressClass : std::uint8_t {
  global,
  unspecified,  ///< 0.0.0.0/8, ::
  loopback,     ///< 127.0.0.0/8, ::1
  private_use,  ///< 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7, fec0::/10, 64:ff9b:1::/48
  link_local,   ///< 169.254/16 (cloud metadata among them), fe80::/10
  multicast,    ///< 224/4, ff00::/8
  reserved,  ///< 192.0.0/24, documentation, benchmarking, 192.88.99/24, 240/4, 100::/64, 2001:db8::/32, 3fff::/20, …
};

/// Judges an address by what a connection to it would reach: IPv4 embedded in an IPv6 address (mapped ::ffff:0:0/96,
/// compatible
/// ::/96, translated ::ffff:0:0:0/96, NAT64 64:ff9b::/96, 6to4 2002::/16, Teredo 2001::/32) is judged by the address
/// inside. Teredo holds two, and is global only if both are.
AddressClass classify(const IpAddress& address);

/// The IPv4 address inside an IPv6 one of a form that `classify` unwraps (Teredo: the client's), else the address
/// itself.
IpAddress reached_by(const IpAddress& address);

/// `loopback`, `private`, …
std::string_view name_of(AddressClass c);

}  // namespace ss
