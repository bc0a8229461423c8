#include "ss/protocol/packet2017.hpp"

#include "ss/protocol/record_key.hpp"

namespace ss::protocol {

using cipher::kTagLength;

std::size_t seal_packet_2017(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                             ConstBytes address, ConstBytes payload, Bytes out) {
  const ConstBytes salt = out.first(method.salt_length());
  const Bytes text = out.subspan(salt.size(), address.size() + payload.size());
  ByteWriter(text).bytes(address).bytes(payload);
  RecordKey::derive(method, key, keys, salt).seal(text, out.subspan(salt.size() + text.size(), kTagLength));
  return salt.size() + text.size() + kTagLength;
}

Bytes sealed_text_2017(const cipher::Method& method, Bytes packet) {
  const std::size_t around = method.salt_length() + kTagLength;
  return packet.size() <= around ? Bytes() : packet.subspan(method.salt_length(), packet.size() - around);
}

bool open_packet_2017(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys, Bytes packet) {
  RecordKey record = RecordKey::derive(method, key, keys, packet.first(method.salt_length()));
  return record.open(sealed_text_2017(method, packet), packet.last(kTagLength));
}

bool try_packet_2017(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys, ConstBytes packet,
                     Bytes out) {
  const ConstBytes salt = packet.first(method.salt_length());
  RecordKey record = RecordKey::derive(method, key, keys, salt);
  return record.would_open(packet.subspan(salt.size(), out.size()), packet.last(kTagLength), out);
}

}  // namespace ss::protocol
