#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"
#include "ss/base/errc.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/packet.hpp"

namespace ss::protocol {

/// The headers of SIP022 3.2, and how packets are sealed behind them. Which key, and what a session ID means, is the
/// part of client_packets.hpp and server_packets.hpp.

/// Packets to and from this port are padded up to kMaxPadding bytes of payload, since the size of a DNS question says
/// much about it. So is a packet without payload, whose size would be that of its address.
inline constexpr std::uint16_t kPaddedPort = 53;

/// Bytes of the nonce in front of a ChaCha20 packet.
inline constexpr std::size_t kPacketNonce = 24;

/// Separate header:  [session ID 8 B][packet ID u64be]
struct SeparateHeader {
  static constexpr std::size_t kLength = 8 + 8;
  using Block = std::array<std::uint8_t, kLength>;

  std::uint64_t session_id = 0;
  std::uint64_t packet_id = 0;

  [[nodiscard]] Block block() const;
  /// @pre  bytes.size() == kLength
  static SeparateHeader parse(ConstBytes bytes);
};

/// Main header, up to its padding:
///
///   client packet  [TYPE u8 = 0][timestamp u64be][padding length u16be]
///   server packet  [TYPE u8 = 1][timestamp u64be][client session ID 8 B][padding length u16be]
struct MainHeader {
  static constexpr std::size_t length(HeaderType type) { return 1 + 8 + (type == HeaderType::response ? 8U : 0U) + 2; }
  HeaderType type = HeaderType::request;
  UnixSeconds timestamp = 0;
  std::uint64_t client_session_id = 0;  ///< server packets alone
};

/// How much padding a packet gets: 1–900 bytes without payload, up to 900 bytes of padding and payload together to and
/// from kPaddedPort, else none.
std::size_t draw_padding(Entropy& entropy, std::uint16_t port, std::size_t payload);

/// What goes into a packet.
struct PacketPlan {
  SeparateHeader separate;
  MainHeader main;
  std::size_t padding = 0;
  ConstBytes address;
  ConstBytes payload;

  /// Bytes that `put_body` writes.
  [[nodiscard]] std::size_t body_length() const {
    return MainHeader::length(main.type) + padding + address.size() + payload.size();
  }
};

/// Writes main header, padding, address and payload.
/// @pre  out.size() == plan.body_length(), plan.padding <= kMaxPadding
void put_body(const PacketPlan& plan, Entropy& entropy, Bytes out);

/// Judges what `put_body` wrote, in this order: type, time, client session ID (server packets), padding, address.
/// @param client_session_id  what a server packet has to echo
/// Errors: Errc::truncated, bad_header_type, bad_timestamp, foreign_session, bad_padding, bad_address_type, bad_domain.
Result<PacketContent> parse_body(Bytes body, HeaderType type, UnixSeconds now, std::uint64_t client_session_id = 0);

/// The subkey of all packets of one AES session: salted with the session ID.
KeyBytes packet_subkey(const KeyBytes& psk, std::uint64_t session_id);

/// Seals the body of an AES packet into `out`, front to back.
/// @pre  out.size() >= plan.body_length() + kTagLength
/// @return  bytes written
std::size_t seal_body(const PacketPlan& plan, cipher::AeadKey& key, Entropy& entropy, Bytes out);
/// Opens the body of an AES packet in place.
/// @pre  sealed.size() >= kTagLength
/// Errors: Errc::auth_failed.
Result<Bytes> open_body(const SeparateHeader& separate, cipher::AeadKey& key, Bytes sealed);

/// Seals a whole ChaCha20 packet into `out`, front to back.
/// @pre  out.size() >= kPacketNonce + SeparateHeader::kLength + plan.body_length() + kTagLength
/// @return  bytes written
std::size_t seal_chacha_packet(const PacketPlan& plan, cipher::AeadKey& psk, Entropy& entropy, Bytes out);
/// What a ChaCha20 packet holds.
struct ChachaPacket {
  SeparateHeader separate;
  Bytes body;
};
/// Opens a whole ChaCha20 packet in place.
/// @pre  packet.size() >= kPacketNonce + SeparateHeader::kLength + kTagLength
/// Errors: Errc::auth_failed.
Result<ChachaPacket> open_chacha_packet(cipher::AeadKey& psk, Bytes packet);

}  // namespace ss::protocol
