#pragma once

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/errc.hpp"
#include "ss/protocol/outcome.hpp"

namespace ss::protocol {

/// The address of SOCKS5 (RFC 1928 section 5), SIP004 and SIP022:
///
///   [ATYP u8][4 B | length u8 + name | 16 B][PORT u16be]      ATYP 1 IPv4 · 3 domain name · 4 IPv6
inline constexpr std::size_t kMaxAddressLength = 1 + 1 + 255 + 2;

/// An address and how many bytes it took.
struct ParsedAddress {
  TargetAddress address;
  std::size_t length = 0;
};

/// Parses the address at the front of `bytes`. Port 0 is parsed; whether it may be is the caller's rule.
/// @return  Need{n}: at least n more bytes. Errors: Errc::bad_address_type, Errc::bad_domain.
Parsed<ParsedAddress> parse_address(ConstBytes bytes);

/// Bytes that `put_address` writes.
std::size_t address_length(const TargetAddress& address);

/// @pre  out.size() >= address_length(address)
/// @return  bytes written
std::size_t put_address(const TargetAddress& address, Bytes out);

}  // namespace ss::protocol
