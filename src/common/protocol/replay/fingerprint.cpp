#include "ss/protocol/replay/fingerprint.hpp"

#include "ss/cipher/siphash.hpp"

namespace ss::protocol {

std::uint64_t fingerprint(const KeyBytes& key, ConstBytes salt) {
  return cipher::siphash(key.reveal().first(cipher::kSipHashKey), salt);
}

}  // namespace ss::protocol
