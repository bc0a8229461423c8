#include "ss/protocol/replay/fingerprint.hpp"

#include <array>

#include "ss/cipher/blake3.hpp"

namespace ss::protocol {

std::uint64_t fingerprint(const KeyBytes& key, ConstBytes salt) {
  std::array<std::uint8_t, 64> input;
  const Bytes keyed = ByteWriter(input).bytes(key.reveal()).bytes(salt).written();
  std::array<std::uint8_t, 8> bits{};
  // One block is within what blake3_hash takes.
  static_cast<void>(cipher::blake3_hash(keyed, bits));
  return get_u64be(bits.data());
}

}  // namespace ss::protocol
