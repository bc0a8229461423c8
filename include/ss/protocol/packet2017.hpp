#pragma once

#include <cstddef>

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/cipher/method.hpp"

namespace ss::protocol {

/// Packets of SIP004 "UDP", the same in both directions:
///
///   [salt][sealed under the salt's subkey, zero nonce: address, payload]
///
/// No packet shares its subkey with another, so the nonce never repeats under one.

/// Seals one packet behind its salt.
/// @param out  begins with the salt, freshly drawn (OwnSalts).
/// @pre  out.size() >= method.salt_length() + address.size() + payload.size() + kTagLength; `out` overlaps neither.
/// @return  the packet's length.
std::size_t seal_packet_2017(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                             ConstBytes address, ConstBytes payload, Bytes out);

/// The part of a packet that is sealed, without its tag; empty where the packet is too short to be one.
/// Lifetime: points into `packet`.
Bytes sealed_text_2017(const cipher::Method& method, Bytes packet);

/// Opens the text of a packet in place.
/// @pre  sealed_text_2017(method, packet) is not empty
/// @return false: the tag did not verify, and the text has been wiped.
[[nodiscard]] bool open_packet_2017(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                                    Bytes packet);

/// Opens the text of a packet into `out` and leaves the packet as it is, for trying one key after another.
/// @pre  as open_packet_2017; out.size() is the text's
[[nodiscard]] bool try_packet_2017(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                                   ConstBytes packet, Bytes out);

}  // namespace ss::protocol
