// Input: one byte that picks the method (mod the table, `none` too) and, in its top bit, whether to seal; then,
// unsealed, a packet of a server; sealed, its inside: SIP004, address and payload; 2022, a separate header (16 bytes)
// and a main header with address and payload. The client's session ID is 0102030405060708. The packet comes twice.
#include <cstdlib>

#include "packet_fuzz_support.hpp"
#include "ss/protocol/client_packets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ss;
  using namespace ss::protocol;
  if (size < 1) return 0;
  const cipher::Method& method = cipher::methods()[(data[0] & 0x7F) % cipher::methods().size()];
  const bool plain = method.family == cipher::Family::plain;
  const ConstBytes rest(data + 1, size - 1);
  cipher::KeyCache keys(8);
  const ClientCredentials credentials = *ClientCredentials::from_password(method, fuzz::secret_of(method));
  ByteVector wire(rest.begin(), rest.end());
  if ((data[0] & 0x80) != 0 && !plain) wire = fuzz::seal_packet(method, credentials.key(), nullptr, keys, rest);

  fuzz::CountingEntropy entropy;
  fuzz::SaltsSeen salts;
  ClientPacketKeys packet_keys(credentials, keys, entropy, salts);
  ClientPacketSession session(packet_keys);
  ByteVector packet = wire;
  const Result<PacketContent> opened = session.open(packet, fuzz::kNow, MonoTime{});
  if (!opened) {
    fuzz::require(salts.size() == 0);
    return 0;
  }
  fuzz::check(*opened, packet);
  fuzz::require(salts.size() == (method.family == cipher::Family::aead2017 ? 1 : 0));

  ByteVector again = wire;
  const Result<PacketContent> replayed = session.open(again, fuzz::kNow, MonoTime{});
  fuzz::require(plain || !replayed);
  if (!replayed) {
    fuzz::require(replayed.error() == (method.is_2022() ? Errc::repeated_packet : Errc::repeated_salt));
  }
  return 0;
}
