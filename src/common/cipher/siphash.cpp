#include "ss/cipher/siphash.hpp"

#include <sodium/crypto_shorthash_siphash24.h>

#include <array>

#include "ss/base/assert.hpp"

namespace ss::cipher {

std::uint64_t siphash(ConstBytes key, ConstBytes input) {
  static_assert(kSipHashKey == crypto_shorthash_siphash24_KEYBYTES);
  SS_ASSERT(key.size() == kSipHashKey);
  std::array<std::uint8_t, crypto_shorthash_siphash24_BYTES> bits;
  // It has no way to fail.
  static_cast<void>(crypto_shorthash_siphash24(bits.data(), input.data(), input.size(), key.data()));
  return get_u64be(bits.data());
}

}  // namespace ss::cipher
