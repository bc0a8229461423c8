#include "ss/cipher/nonce.hpp"

#include <algorithm>

#include "ss/base/assert.hpp"

namespace ss::cipher {

Nonce Nonce::starting_at(ConstBytes value) {
  Nonce nonce(value.size());
  SS_ASSERT(value.size() <= nonce.bytes_.size());
  std::copy(value.begin(), value.end(), nonce.bytes_.begin());
  return nonce;
}

}  // namespace ss::cipher
