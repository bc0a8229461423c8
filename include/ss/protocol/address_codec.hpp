#pragma once

#include <cstddef>
#include <cstdint>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/errc.hpp"
#include "ss/protocol/outcome.hpp"

namespace ss::protocol {

/// The address of SOCKS5 (RFC 1928 section 5), SIP004 and SIP022:
///
///   [ATYP u8][4 B | length u8 + name | 16 B][PORT u16be]      ATYP 1 IPv4 · 3 domain name · 4 IPv6
///
/// UDP over TCP numbers the types otherwise (0 IPv4 · 1 IPv6 · 2 domain name) and changes nothing else.
enum class AddressForm : std::uint8_t { socks, uot };
/// The longest one, in either form.
inline constexpr std::size_t kMaxAddressLength = 1 + 1 + 255 + 2;

/// An address and how many bytes it took.
struct ParsedAddress {
  TargetAddress address;
  std::size_t length = 0;
};

/// Parses the address at the front of `bytes`. Port 0 is parsed; whether it may be is the caller's rule.
/// @return  Need{n}: at least n more bytes. Errors: Errc::bad_address_type, Errc::bad_domain.
Parsed<ParsedAddress> parse_address(ConstBytes bytes, AddressForm form = AddressForm::socks);

/// Bytes that `put_address` writes, in either form.
std::size_t address_length(const TargetAddress& address);

/// @pre  out.size() >= address_length(address)
/// @return  bytes written
std::size_t put_address(const TargetAddress& address, Bytes out, AddressForm form = AddressForm::socks);

}  // namespace ss::protocol
