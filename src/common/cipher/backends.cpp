#include <array>

#include "backend.hpp"
#include "ss/cipher/aead.hpp"

namespace ss::cipher {
namespace {

constexpr std::size_t kAlgorithms = 6;
using Choice = std::array<const AeadBackend*, kAlgorithms>;

Choice& choice() {
  static Choice chosen = [] {
    Choice by_rule;
    for (std::size_t i = 0; i < kAlgorithms; ++i) by_rule[i] = &quickest_backend(static_cast<Algorithm>(i));
    return by_rule;
  }();
  return chosen;
}

}  // namespace

const AeadBackend& quickest_backend(Algorithm algorithm) {
  const AeadBackend* const ipsec_mb = ipsec_mb_backend();
  return ipsec_mb != nullptr && ipsec_mb->wins(algorithm) ? *ipsec_mb : openssl_backend();
}

const AeadBackend& active_backend(Algorithm algorithm) {
  return *choice()[static_cast<std::size_t>(algorithm)];
}

Backend backend_of(Algorithm algorithm) {
  return &active_backend(algorithm) == &openssl_backend() ? Backend::openssl : Backend::ipsec_mb;
}

bool use_backend(Backend backend) {
  const AeadBackend* wanted = backend == Backend::openssl ? &openssl_backend() : ipsec_mb_backend();
  if (wanted == nullptr) return false;
  choice().fill(wanted);
  return true;
}

std::string describe_backends() {
  return "aes-gcm: " + active_backend(Algorithm::aes_256_gcm).describe() +
         ", chacha20-poly1305: " + active_backend(Algorithm::chacha20_poly1305).describe();
}

}  // namespace ss::cipher
