#include "ss/protocol/packet2022.hpp"

#include <algorithm>

#include "ss/cipher/kdf.hpp"

namespace ss::protocol {
namespace {

using cipher::kTagLength;

/// Bytes 4 to 15 of the separate header: the packet ID never repeats under the subkey of a session ID.
std::array<std::uint8_t, 12> nonce_of(const SeparateHeader& separate) {
  const SeparateHeader::Block block = separate.block();
  std::array<std::uint8_t, 12> nonce;
  std::copy(block.begin() + 4, block.end(), nonce.begin());
  return nonce;
}

}  // namespace

SeparateHeader::Block SeparateHeader::block() const {
  Block block;
  ByteWriter(block).u64be(session_id).u64be(packet_id);
  return block;
}

SeparateHeader SeparateHeader::parse(ConstBytes bytes) {
  SS_ASSERT(bytes.size() == kLength);
  return {get_u64be(bytes.data()), get_u64be(bytes.data() + 8)};
}

std::size_t draw_padding(Entropy& entropy, std::uint16_t port, std::size_t payload) {
  if (payload == 0) return entropy.uniform(1, kMaxPadding);
  if (port != kPaddedPort || payload >= kMaxPadding) return 0;
  return entropy.uniform(0, static_cast<std::uint32_t>(kMaxPadding - payload));
}

void put_body(const PacketPlan& plan, Entropy& entropy, Bytes out) {
  SS_ASSERT(out.size() == plan.body_length() && plan.padding <= kMaxPadding);
  ByteWriter header(out);
  header.u8(static_cast<std::uint8_t>(plan.main.type)).u64be(plan.main.timestamp);
  if (plan.main.type == HeaderType::response) header.u64be(plan.main.client_session_id);
  header.u16be(static_cast<std::uint16_t>(plan.padding));
  if (plan.padding > 0) entropy.fill(out.subspan(header.size(), plan.padding));
  ByteWriter(out.subspan(header.size() + plan.padding)).bytes(plan.address).bytes(plan.payload);
}

Result<PacketContent> parse_body(Bytes body, HeaderType type, UnixSeconds now, std::uint64_t client_session_id) {
  ByteReader reader(body);
  const std::uint8_t its_type = reader.u8();
  const UnixSeconds timestamp = reader.u64be();
  const std::uint64_t echoed = type == HeaderType::response ? reader.u64be() : client_session_id;
  const std::uint16_t padding = reader.u16be();
  if (!reader.ok()) return Errc::truncated;
  if (its_type != static_cast<std::uint8_t>(type)) return Errc::bad_header_type;
  if (!is_timely(timestamp, now)) return Errc::bad_timestamp;
  if (echoed != client_session_id) return Errc::foreign_session;
  if (padding > reader.rest().size()) return Errc::bad_padding;
  Result<PacketContent> content = parse_addressed(body.subspan(MainHeader::length(type) + padding));
  if (content) content->stamp = timestamp;
  return content;
}

KeyBytes packet_subkey(const KeyBytes& psk, std::uint64_t session_id) {
  std::array<std::uint8_t, 8> salt;
  put_u64be(salt.data(), session_id);
  return cipher::subkey_2022(psk, salt);
}

std::size_t seal_body(const PacketPlan& plan, cipher::AeadKey& key, Entropy& entropy, Bytes out) {
  const Bytes body = out.first(plan.body_length());
  put_body(plan, entropy, body);
  key.seal(nonce_of(plan.separate), body, out.subspan(body.size(), kTagLength));
  return body.size() + kTagLength;
}

Result<Bytes> open_body(const SeparateHeader& separate, cipher::AeadKey& key, Bytes sealed) {
  const Bytes body = sealed.first(sealed.size() - kTagLength);
  if (!key.open(nonce_of(separate), body, sealed.last(kTagLength))) return Errc::auth_failed;
  return body;
}

std::size_t seal_chacha_packet(const PacketPlan& plan, cipher::AeadKey& psk, Entropy& entropy, Bytes out) {
  const Bytes nonce = out.first(kPacketNonce);
  entropy.fill(nonce);
  const Bytes text = out.subspan(kPacketNonce, SeparateHeader::kLength + plan.body_length());
  ByteWriter(text).bytes(plan.separate.block());
  put_body(plan, entropy, text.subspan(SeparateHeader::kLength));
  psk.seal(nonce, text, out.subspan(kPacketNonce + text.size(), kTagLength));
  return kPacketNonce + text.size() + kTagLength;
}

Result<ChachaPacket> open_chacha_packet(cipher::AeadKey& psk, Bytes packet) {
  const Bytes text = packet.subspan(kPacketNonce, packet.size() - kPacketNonce - kTagLength);
  if (!psk.open(packet.first(kPacketNonce), text, packet.last(kTagLength))) return Errc::auth_failed;
  return ChachaPacket{SeparateHeader::parse(text.first(SeparateHeader::kLength)),
                      text.subspan(SeparateHeader::kLength)};
}

}  // namespace ss::protocol
