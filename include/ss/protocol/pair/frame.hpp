#pragma once

#include <cstddef>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/entropy.hpp"
#include "ss/base/errc.hpp"
#include "ss/protocol/outcome.hpp"
#include "ss/protocol/socks5.hpp"

namespace ss::protocol::pair {

/// What became of a request: the first thing in the payload of a response whose salt is marked. Behind it comes the raw
/// stream; a reply other than `succeeded` is followed by FIN, and one that is still dialling by another frame.
struct Frame {
  socks5::Reply reply = socks5::Reply::succeeded;
  bool dialling = false;  ///< nothing is known yet: `reply` is `succeeded` and says nothing
  Endpoint bound;         ///< the server's end of the connection to the target; unspecified where there is none
};

inline constexpr std::size_t kMaxFramePadding = 255;
/// The longest one, with an IPv6 address and all padding.
inline constexpr std::size_t kMaxFrame = 1 + 1 + (1 + 16 + 2) + 2 + kMaxFramePadding;

/// [REP u8][flags u8: bit 0 still dialling][ATYP][ADDR][PORT u16be][padding length u16be][padding]
///
/// Padding is 0 to 255 random bytes, so that the sizes of first responses do not repeat.
/// @pre  out.size() >= kMaxFrame
/// @return  bytes written
std::size_t put_frame(const Frame& frame, Entropy& entropy, Bytes out);

/// A frame and how many bytes it took, its padding included.
struct ParsedFrame {
  Frame frame;
  std::size_t length = 0;
};

/// Parses the frame at the front of `bytes`; refuses as early as the bytes allow.
/// @return  Need{n}: at least n more bytes.
///          Errors: Errc::bad_frame (REP above 8, a flag that is not known), bad_address_type (a name too), bad_padding
///          (above 255).
Parsed<ParsedFrame> parse_frame(ConstBytes bytes);

}  // namespace ss::protocol::pair
