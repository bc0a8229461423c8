#pragma once

#include <cstddef>
#include <cstdint>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/errc.hpp"
#include "ss/cipher/method.hpp"

namespace ss::protocol {

/// UDP packets of all families. One datagram is one packet; whatever is wrong with one, it is dropped without a word.
///
///   plain        [address][payload]
///   SIP004       [salt][sealed under the salt's subkey, zero nonce: address, payload]
///   2022 AES     [separate header, one AES block][identity headers][sealed under the session's subkey: main header,
///                address, payload]
///   2022 ChaCha  [nonce 24 B][sealed under the PSK: separate header, main header, address, payload]
///
/// The headers are in packet2022.hpp. Spec: SIP004 "UDP", SIP022 3.2, SIP023 "UDP".

/// The longest payload of a UDP datagram over IPv4, and so the longest packet.
inline constexpr std::size_t kMaxDatagram = 65'507;

/// The most bytes by which a packet is longer than its payload: both directions, any address, with padding.
std::size_t max_packet_overhead(const cipher::Method& method, std::size_t identity_keys);

/// An opened packet's inside.
struct PacketContent {
  TargetAddress address;  ///< client packets: the target; server packets: the source, an IP address
  Bytes addressed;        ///< address and payload as they stood in the packet: [ATYP … PORT][payload]
  Bytes payload;          ///< the end of `addressed`
  UnixSeconds stamp = 0;  ///< 2022
};

/// Takes [ATYP … PORT][payload] apart.
/// Errors: Errc::truncated, bad_address_type, bad_domain.
/// Lifetime: the spans point into `addressed`. Cost: a name of more than 15 bytes is allocated.
Result<PacketContent> parse_addressed(Bytes addressed);

}  // namespace ss::protocol
