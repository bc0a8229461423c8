#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string_view>

namespace ss {

/// Why bytes of a peer were refused. One enumerator, one sentence (see `describe`); expected and received values go to
/// the debug log, never in here.
enum class Errc : std::uint8_t {
  // Streams and chunks
  auth_failed,     ///< A tag did not verify: forged, corrupt, or sealed under another key.
  nonce_spent,     ///< The nonce counter would wrap.
  chunk_too_long,  ///< A SIP004 length chunk above 0x3FFF.
  zero_chunk,      ///< A length chunk of 0 where none may be, or too many of them in a row.
  truncated,       ///< The stream or packet ended inside a salt, header or chunk.
  // Handshakes
  short_first_read,  ///< The first read of a 2022 request held less than salt, identity header and fixed-length header.
  unknown_user,      ///< The identity header, or trial opening, names no user.
  bad_header_type,   ///< A 2022 header of the wrong direction.
  bad_timestamp,     ///< A 2022 timestamp more than 30 s away from our clock.
  repeated_salt,     ///< The salt was seen before: a replay.
  forgotten_stamp,   ///< A 2022 timestamp from before what is remembered: perhaps a replay.
  foreign_salt,      ///< A 2022 response does not echo the salt of our request.
  bad_padding,       ///< Padding beyond its chunk or packet; in a request, neither padding nor payload.
  // Packets
  repeated_packet,  ///< The packet ID was seen before, or is too old to tell: a replay.
  foreign_session,  ///< A 2022 server packet for another session of ours, or of one more new session of the server.
  // Addresses and SOCKS5
  bad_address_type,  ///< An address type that the format does not name (SOCKS form: 1, 3, 4; UDP over TCP: 0, 1, 2).
  bad_domain,        ///< A domain name that is empty, over 255 bytes, or holds a NUL.
  bad_port,          ///< Port 0 where a connection is asked for.
  unknown_command,   ///< A SOCKS5 command that is not CONNECT, BIND or UDP ASSOCIATE.
  bad_version,       ///< A version byte that the message's RFC does not name.
  bad_frame,         ///< A frame of the pair extension with a reply or a flag that there is not.
  // Keys and text
  bad_base64,      ///< Text that is not base64 of the expected alphabet.
  bad_key_length,  ///< A key whose decoded length is not the method's.
  repeated_key,    ///< Two users have the same key.
  too_long,        ///< Input longer than what the function is defined for.
};

/// One sentence, in lower case and without a full stop, for logs.
std::string_view describe(Errc error);

/// A value, or why there is none.
template <class T>
using Result = boost::system::result<T, Errc>;

/// What `Result::value()` does on an error: that is a mistake of ours, so it ends the process with the error's
/// sentence.
[[noreturn]] void throw_exception_from_error(Errc error, const boost::source_location& where);

}  // namespace ss
