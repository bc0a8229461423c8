#include "ss/base/errc.hpp"

#include <cstdio>
#include <cstdlib>

namespace ss {

std::string_view describe(Errc error) {
  switch (error) {
    case Errc::auth_failed:
      return "a tag did not verify: forged, corrupt, or sealed under another key";
    case Errc::nonce_spent:
      return "the nonce counter would wrap";
    case Errc::chunk_too_long:
      return "a length chunk above 0x3FFF";
    case Errc::zero_chunk:
      return "a length chunk of 0 where none may be, or too many of them in a row";
    case Errc::truncated:
      return "the stream or packet ended inside a salt, header or chunk";
    case Errc::short_first_read:
      return "the first read held less than salt, identity header and fixed-length header";
    case Errc::unknown_user:
      return "the identity header, or trial opening, names no user";
    case Errc::bad_header_type:
      return "a header of the wrong direction";
    case Errc::bad_timestamp:
      return "a timestamp more than 30 s away from our clock";
    case Errc::repeated_salt:
      return "the salt was seen before: a replay";
    case Errc::forgotten_stamp:
      return "a timestamp from before what is remembered: perhaps a replay";
    case Errc::foreign_salt:
      return "the response does not echo the salt of our request";
    case Errc::bad_padding:
      return "padding beyond its chunk or packet, or neither padding nor payload";
    case Errc::repeated_packet:
      return "the packet ID was seen before, or is too old to tell: a replay";
    case Errc::foreign_session:
      return "the packet answers another session, or begins one session of the server too many";
    case Errc::bad_address_type:
      return "an address type that the format does not name";
    case Errc::bad_domain:
      return "a domain name that is empty, over 255 bytes, or holds a NUL";
    case Errc::bad_port:
      return "port 0 where a connection is asked for";
    case Errc::unknown_command:
      return "a SOCKS5 command that is not CONNECT, BIND or UDP ASSOCIATE";
    case Errc::bad_version:
      return "a version byte that the message's RFC does not name";
    case Errc::bad_frame:
      return "a frame of the pair extension with a reply or a flag that there is not";
    case Errc::bad_base64:
      return "text that is not base64 of the expected alphabet";
    case Errc::bad_key_length:
      return "a key whose decoded length is not the method's";
    case Errc::repeated_key:
      return "two users have the same key";
    case Errc::too_long:
      return "input longer than what the function is defined for";
  }
  return "unknown error";
}

void throw_exception_from_error(Errc error, const boost::source_location& where) {
  const std::string_view sentence = describe(error);
  std::fprintf(stderr, "%s:%u: value of a failed result: %.*s\n", where.file_name(),
               static_cast<unsigned>(where.line()), static_cast<int>(sentence.size()), sentence.data());
  std::abort();
}

}  // namespace ss
