#include "sim/pair_parts.hpp"

#include <algorithm>

#include "ss/cipher/base64.hpp"
#include "ss/protocol/replay/exact_salt_pool.hpp"
#include "ss/protocol/replay/recent_salt_set.hpp"

namespace ss::sim {

bool contains(ConstBytes hay, ConstBytes needle) {
  return !needle.empty() && std::search(hay.begin(), hay.end(), needle.begin(), needle.end()) != hay.end();
}

Secret secret_for(const cipher::Method& method) {
  if (!method.is_2022()) return Secret(bytes_of("correct horse battery staple"));
  const ByteVector psk(method.key_length, 0x5a);
  return Secret(bytes_of(cipher::base64(psk)));
}

std::unique_ptr<protocol::SaltFilter> filter_for(const cipher::Method& method, World& world) {
  KeyBytes key = KeyBytes::of_size(KeyBytes::kMax);
  world.fill(key.writable());
  if (method.is_2022()) return std::make_unique<protocol::ExactSaltPool>(key);
  return std::make_unique<protocol::RecentSaltSet>(key, 100);
}

}  // namespace ss::sim
