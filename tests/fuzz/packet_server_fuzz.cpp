// Input: one byte that picks the method (mod the table, `none` too), in its top bit whether to seal, in the next
// whether the server has users (where the method can); then, unsealed, a packet of a client; sealed, its inside:
// SIP004, address and payload; 2022, a separate header (16 bytes) and a main header with address and payload, behind
// the identity header of a known user. What opens begins a session, comes once more, and is answered.
#include <cstdlib>

#include "packet_fuzz_support.hpp"
#include "ss/protocol/server_packets.hpp"

namespace {

using namespace ss;
using namespace ss::protocol;

/// Knows one session at most.
class One final : public KnownSessions {
 public:
  ServerPacketSession* find(std::size_t user, std::uint64_t session_id) override {
    const bool same = session && session->user() == user && session->client_session_id() == session_id;
    return same ? &*session : nullptr;
  }
  std::optional<ServerPacketSession> session;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const cipher::Method& method = cipher::methods()[(data[0] & 0x3F) % cipher::methods().size()];
  const bool plain = method.family == cipher::Family::plain;
  const ConstBytes rest(data + 1, size - 1);
  cipher::KeyCache keys(8);
  const ServerCredentials credentials = fuzz::server_credentials(method, (data[0] & 0x40) != 0);
  ByteVector wire(rest.begin(), rest.end());
  if ((data[0] & 0x80) != 0 && !plain) {
    const KeyBytes* const outer = method.is_2022() && credentials.has_users() ? &credentials.server_key() : nullptr;
    wire = fuzz::seal_packet(method, credentials.users()[0].key, outer, keys, rest);
  }

  fuzz::CountingEntropy entropy;
  fuzz::SaltsSeen salts;
  PacketStamps stamps;
  ServerPackets packets(credentials, keys, entropy, salts, stamps);
  One known;
  ByteVector packet = wire;
  const Result<ClientPacket> opened = packets.open(packet, fuzz::kNow, MonoTime{}, known);
  if (!opened) {
    fuzz::require(salts.size() == 0);
    return 0;
  }
  fuzz::check(opened->content, packet);
  fuzz::require(opened->content.address.port() != 0 && opened->session == nullptr);
  fuzz::require(opened->user < credentials.users().size());
  fuzz::require(salts.size() == (method.family == cipher::Family::aead2017 ? 1 : 0));
  known.session.emplace(packets, *opened);

  ByteVector again = wire;
  const Result<ClientPacket> replayed = packets.open(again, fuzz::kNow, MonoTime{}, known);
  fuzz::require(plain || !replayed);
  if (!replayed) {
    fuzz::require(replayed.error() == (method.is_2022() ? Errc::repeated_packet : Errc::repeated_salt));
  }
  ByteVector answer(opened->content.payload.size() + max_packet_overhead(method, 0));
  const std::size_t length =
      known.session->seal(packets, {IpAddress(), 53}, opened->content.payload, fuzz::kNow, true, answer);
  fuzz::require(length > opened->content.payload.size() && length <= answer.size());
  return 0;
}
