#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/errc.hpp"
#include "ss/protocol/outcome.hpp"

namespace ss::protocol::socks5 {

enum class AuthMethod : std::uint8_t { none = 0x00, password = 0x02, unacceptable = 0xFF };
enum class Command : std::uint8_t { connect = 1, bind = 2, udp_associate = 3 };

/// REP (RFC 1928 section 6).
enum class Reply : std::uint8_t {
  succeeded = 0,
  general_failure = 1,
  not_allowed = 2,
  network_unreachable = 3,
  host_unreachable = 4,
  connection_refused = 5,
  ttl_expired = 6,
  command_not_supported = 7,
  address_type_not_supported = 8,
};

/// RFC 1928 section 3:  [VER 05][NMETHODS u8][METHODS]. NMETHODS 0 is parsed: it offers nothing.
struct Greeting {
  bool offers_none = false;
  bool offers_password = false;
  std::size_t length = 0;  ///< bytes that it took
};
/// Errors: Errc::bad_version.
Parsed<Greeting> parse_greeting(ConstBytes bytes);

/// RFC 1929 section 2:  [VER 01][ULEN u8][UNAME][PLEN u8][PASSWD]. PLEN 0 is accepted (curl sends it).
struct PasswordRequest {
  ConstBytes username;  ///< point into the parsed bytes
  ConstBytes password;
  std::size_t length = 0;
};
/// Errors: Errc::bad_version.
Parsed<PasswordRequest> parse_password_request(ConstBytes bytes);

/// RFC 1928 section 4:  [VER 05][CMD][RSV][ATYP][ADDR][PORT]. RSV is not looked at.
struct Request {
  std::uint8_t command = 0;
  /// CONNECT: where to. BIND: whom to expect. UDP ASSOCIATE: where the client will send from, as far as it knows: any
  /// address or name, often 0.0.0.0, and port 0 where it does not know.
  TargetAddress target;
  std::size_t length = 0;
};
/// Decides as early as the bytes allow: an unknown command or address type needs no further byte.
/// Errors and their replies (`reply_for`): Errc::bad_version → 01, unknown_command → 07, bad_address_type → 08,
/// bad_domain → 01, bad_port (0; CONNECT alone) → 01.
Parsed<Request> parse_request(ConstBytes bytes);
Reply reply_for(Errc error);

/// [05][METHOD] and [01][STATUS], and [05][REP][00][ATYP][BND.ADDR][BND.PORT].
inline constexpr std::size_t kMaxReply = 22;
std::size_t put_method(AuthMethod method, Bytes out);
std::size_t put_password_status(bool accepted, Bytes out);
/// @pre  `out` has room for 2 bytes, or kMaxReply.
/// @param bound  what success names; every error names an unspecified IPv4 endpoint instead.
/// @return  bytes written
std::size_t put_reply(Reply reply, const Endpoint& bound, Bytes out);

std::string_view describe(Reply reply);

}  // namespace ss::protocol::socks5
