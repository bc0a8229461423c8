#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/errc.hpp"
#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/outcome.hpp"

/// UDP over TCP, versions 1 and 2, as sing-box has them: datagrams as frames of an ordinary proxied stream whose target
/// is a name that stands for no host.
///
///   version 1   frame | frame | …               both ways, all frames addressed
///   version 2   request | frame | frame | …     the request from the client alone; it is not answered
namespace ss::protocol::uot {

enum class Version : std::uint8_t { v1 = 1, v2 = 2 };

inline constexpr std::string_view kMagicV1 = "sp.udp-over-tcp.arpa";
inline constexpr std::string_view kMagicV2 = "sp.v2.udp-over-tcp.arpa";

/// Which version a stream to `target` carries, byte for byte and with any port; nothing: it is an ordinary stream.
std::optional<Version> version_of(const TargetAddress& target);

/// Whether a stream may be asked for to `target`: port 0 is nobody's, but a name that stands for no host needs none.
bool can_be_asked_for(const TargetAddress& target);

/// What to ask the server for, with port 0.
TargetAddress magic_target(Version version);

/// Whether each frame names an address, or the request has named the only one (isConnect).
enum class Framing : std::uint8_t { addressed, connected };

/// [isConnect u8: 1 or 0][ATYP][ADDR][PORT u16be], the address in the form of SOCKS5.
struct Request {
  Framing framing = Framing::addressed;
  TargetAddress address;   ///< connected: the peer; addressed: a hint, whose port may be 0
  std::size_t length = 0;  ///< bytes that it took
};
inline constexpr std::size_t kMaxRequest = 1 + kMaxAddressLength;

/// Every isConnect that is not 0 is taken as 1.
/// Errors, all of which end the stream: Errc::bad_address_type, bad_domain, bad_port (0, where connected).
Parsed<Request> parse_request(ConstBytes bytes);
/// @pre  out.size() >= 1 + address_length(address)
/// @return  bytes written
std::size_t put_request(Framing framing, const TargetAddress& address, Bytes out);

/// One datagram of a stream:
///
///   addressed  [type u8: 0 IPv4, 1 IPv6, 2 domain name][ADDR][PORT u16be][length u16be][payload]
///   connected  [length u16be][payload]
struct Frame {
  std::optional<TargetAddress> address;  ///< its target or source; nothing where connected
  ConstBytes payload;                    ///< may be empty
  bool sendable = true;                  ///< false: over kMaxDatagram or to port 0; skip it, the stream goes on
  std::size_t length = 0;                ///< bytes that it took
};
inline constexpr std::size_t kMaxFrameHeader = kMaxAddressLength + 2;
/// What a buffer must hold so that no frame is too long for it.
inline constexpr std::size_t kMaxFrame = kMaxFrameHeader + 0xFFFF;

/// Parses the frame at the front of `bytes`; the caller keeps them until it is whole, and takes `length` off then.
/// @return  Need{n}: at least n more bytes; with those that are there never more than kMaxFrame.
///          Errors, all of which end the stream: Errc::bad_address_type, bad_domain.
/// Lifetime: `payload` points into `bytes`.
/// Cost: no copy; no allocation but for a name that is longer than std::string holds by itself.
Parsed<Frame> parse_frame(ConstBytes bytes, Framing framing);

/// What stands in front of a payload in an addressed stream.
/// @pre  payload <= 0xFFFF, out.size() >= address_length(address) + 2
/// @return  bytes written
std::size_t put_frame_header(const TargetAddress& address, std::size_t payload, Bytes out);
/// The same for a connected stream.
/// @pre  payload <= 0xFFFF, out.size() >= 2
std::size_t put_frame_header(std::size_t payload, Bytes out);

}  // namespace ss::protocol::uot
