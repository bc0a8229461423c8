#include <algorithm>
#include <array>
#include <limits>

#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/packet2017.hpp"
#include "ss/protocol/server_packets.hpp"

namespace ss::protocol {
namespace {

using cipher::Family;

/// No packet gets this ID, so that the counter never wraps.
constexpr std::uint64_t kSpent = std::numeric_limits<std::uint64_t>::max();

constexpr std::size_t kMaxSource = 1 + 16 + 2;

}  // namespace

ServerPacketSession::ServerPacketSession(ServerPackets& packets, const ClientPacket& first) : user_(first.user) {
  if (!packets.method().is_2022()) return;
  state_ = std::make_unique<State>();
  state_->client_session_id = first.session_id;
  std::array<std::uint8_t, 8> id;
  do {
    packets.entropy_.fill(id);
    state_->server_session_id = get_u64be(id.data());
  } while (state_->server_session_id == 0);
  // The window is empty, and every ID is fresh.
  static_cast<void>(commit(first.packet_id, first.content.stamp));
  if (packets.psk_) return;
  const KeyBytes& key = packets.key_of(user_);
  state_->opening.emplace(packets.keys_, packets.method().algorithm, packet_subkey(key, state_->client_session_id));
  state_->sealing.emplace(packets.keys_, packets.method().algorithm, packet_subkey(key, state_->server_session_id));
}

bool ServerPacketSession::commit(std::uint64_t packet_id, UnixSeconds stamp) {
  if (!state_->window.commit(packet_id)) return false;
  state_->newest_stamp = std::max(state_->newest_stamp, stamp);
  return true;
}

std::size_t ServerPacketSession::seal(ServerPackets& packets, const Endpoint& source, ConstBytes payload,
                                      UnixSeconds now, bool padded, Bytes out) {
  std::array<std::uint8_t, kMaxSource> room;
  const ConstBytes address = ConstBytes(room).first(put_address(TargetAddress(source.address, source.port), room));
  switch (packets.method().family) {
    case Family::plain:
      return ByteWriter(out).bytes(address).bytes(payload).size();
    case Family::aead2017:
      packets.own_salts_[user_].draw(packets.entropy_, out.first(packets.method().salt_length()));
      return seal_packet_2017(packets.method(), packets.key_of(user_), packets.keys_, address, payload, out);
    case Family::aead2022:
      break;
  }
  if (state_->next_packet_id == kSpent) return 0;
  const PacketPlan plan{{state_->server_session_id, state_->next_packet_id++},
                        {HeaderType::response, now, state_->client_session_id},
                        padded ? draw_padding(packets.entropy_, source.port, payload.size()) : 0,
                        address,
                        payload};
  if (packets.psk_) return seal_chacha_packet(plan, *packets.psk_, packets.entropy_, out);
  packets.user_blocks_.of(user_).encrypt(plan.separate.block(), out.first(SeparateHeader::kLength));
  return SeparateHeader::kLength +
         seal_body(plan, *state_->sealing, packets.entropy_, out.subspan(SeparateHeader::kLength));
}

}  // namespace ss::protocol
