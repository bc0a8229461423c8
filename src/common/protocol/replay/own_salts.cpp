#include "ss/protocol/replay/own_salts.hpp"

#include <array>
#include <string_view>

#include "ss/cipher/blake3.hpp"
#include "ss/protocol/replay/fingerprint.hpp"

namespace ss::protocol {
namespace {

using Mark = std::array<std::uint8_t, 8>;

constexpr std::size_t mark_length(std::size_t salt_length) {
  return salt_length == 16 ? 4 : 8;
}

constexpr std::string_view context_of(OwnSalts::Side side) {
  return side == OwnSalts::Side::client ? "shadowsocks-asio v1 packets of a client"
                                        : "shadowsocks-asio v1 packets of a server";
}

Mark mark_of(const KeyBytes& marking, ConstBytes salt) {
  Mark mark;
  put_u64be(mark.data(), fingerprint(marking, salt.first(salt.size() - mark_length(salt.size()))));
  return mark;
}

}  // namespace

OwnSalts::OwnSalts(const KeyBytes& key, Side side) : marking_(KeyBytes::of_size(KeyBytes::kMax)) {
  // Far below the 1,024 bytes that it takes.
  static_cast<void>(cipher::blake3_derive_key(context_of(side), key.reveal(), marking_.writable()));
}

void OwnSalts::draw(Entropy& entropy, Bytes salt) const {
  const std::size_t length = mark_length(salt.size());
  entropy.fill(salt.first(salt.size() - length));
  const Mark mark = mark_of(marking_, salt);
  ByteWriter(salt.last(length)).bytes(ConstBytes(mark).first(length));
}

bool OwnSalts::contains(ConstBytes salt) const {
  const std::size_t length = mark_length(salt.size());
  return equal_in_constant_time(ConstBytes(mark_of(marking_, salt)).first(length), salt.last(length));
}

}  // namespace ss::protocol
