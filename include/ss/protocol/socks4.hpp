#pragma once

#include <cstddef>
#include <cstdint>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/protocol/outcome.hpp"

/// SOCKS4, and SOCKS4A, which adds names.
namespace ss::protocol::socks4 {

enum class Command : std::uint8_t { connect = 1, bind = 2 };

/// [VN 04][CD][DSTPORT u16][DSTIP 4][USERID … 00]; where DSTIP is 0.0.0.x with x over 0, [DOMAIN … 00] behind it (4A).
/// The user ID is not looked at: it proves nothing.
struct Request {
  Command command = Command::connect;
  TargetAddress target;
  std::size_t length = 0;  ///< bytes that it took
};

/// Decides as early as the bytes allow.
/// Errors: Errc::bad_version, Errc::unknown_command, Errc::bad_port (0; CONNECT alone), Errc::bad_address_type
/// (0.0.0.0; CONNECT alone), Errc::bad_domain (empty), Errc::too_long (a user ID or name of more than 255 bytes). The
/// reply to all of them is "rejected".
Parsed<Request> parse_request(ConstBytes bytes);

/// [VN 00][CD 5A or 5B][DSTPORT u16][DSTIP 4]; port and address are zeros, as nobody reads them after CONNECT.
inline constexpr std::size_t kReplyLength = 8;
/// @pre  `out` has room for kReplyLength.
/// @return  bytes written
std::size_t put_reply(bool granted, Bytes out);

}  // namespace ss::protocol::socks4
