#include "ss/cipher/aead.hpp"

#include <sodium/crypto_core_hchacha20.h>

#include <utility>

#include "backend.hpp"
#include "ss/base/assert.hpp"

namespace ss::cipher {
namespace {

constexpr std::size_t kHchachaInput = 16;

/// XChaCha20 takes its first 16 nonce bytes into a subkey and leaves the record 00000000 | the last 8.
KeyBytes hchacha_subkey(const KeyBytes& key, ConstBytes nonce) {
  KeyBytes subkey = KeyBytes::of_size(crypto_core_hchacha20_OUTPUTBYTES);
  crypto_core_hchacha20(subkey.writable().data(), nonce.data(), key.reveal().data(), nullptr);
  return subkey;
}

Algorithm record_algorithm(Algorithm algorithm) {
  return algorithm == Algorithm::xchacha20_poly1305 ? Algorithm::chacha20_poly1305 : algorithm;
}

}  // namespace

static_assert(sizeof(AeadKey) <= 64, "every direction of every connection holds one");

AeadKey::AeadKey(KeyCache& cache, Algorithm algorithm, const KeyBytes& key)
    : cache_(&cache), key_(key), algorithm_(algorithm) {
  SS_ASSERT(algorithm != Algorithm::none);
}

AeadKey::AeadKey(AeadKey&& other) noexcept
    : cache_(std::exchange(other.cache_, nullptr)),
      place_(std::exchange(other.place_, {})),
      key_(std::exchange(other.key_, KeyBytes())),
      algorithm_(other.algorithm_) {}

AeadKey& AeadKey::operator=(AeadKey&& other) noexcept {
  if (this == &other) return *this;
  if (cache_ != nullptr) cache_->release(place_);
  cache_ = std::exchange(other.cache_, nullptr);
  place_ = std::exchange(other.place_, {});
  key_ = std::exchange(other.key_, KeyBytes());
  algorithm_ = other.algorithm_;
  return *this;
}

AeadKey::~AeadKey() {
  if (cache_ != nullptr) cache_->release(place_);
}

Slot& AeadKey::prepare(const AeadBackend& backend, ConstBytes nonce, NonceBytes& record_nonce) {
  Slot* slot = cache_->find(place_);
  if (algorithm_ == Algorithm::xchacha20_poly1305) {
    SS_ASSERT(nonce.size() == kHchachaInput + 8);
    if (slot == nullptr) slot = &cache_->claim(place_);
    backend.expand(*slot, Algorithm::chacha20_poly1305, hchacha_subkey(key_, nonce).reveal());
    record_nonce = {};
    std::memcpy(record_nonce.data() + 4, nonce.data() + kHchachaInput, 8);
    return *slot;
  }
  SS_ASSERT(nonce.size() == record_nonce.size());
  if (slot == nullptr) {
    slot = &cache_->claim(place_);
    backend.expand(*slot, algorithm_, key_.reveal());
  }
  std::memcpy(record_nonce.data(), nonce.data(), record_nonce.size());
  return *slot;
}

void AeadKey::seal(ConstBytes nonce, Bytes text, Bytes tag) {
  SS_ASSERT(tag.size() == kTagLength);
  const AeadBackend& backend = active_backend(algorithm_);
  NonceBytes record_nonce;
  Slot& slot = prepare(backend, nonce, record_nonce);
  backend.seal(slot, record_algorithm(algorithm_), record_nonce, text, tag);
}

bool AeadKey::open(ConstBytes nonce, Bytes text, ConstBytes tag) {
  return open_into(nonce, text, tag, text);
}

bool AeadKey::open_into(ConstBytes nonce, ConstBytes text, ConstBytes tag, Bytes out) {
  SS_ASSERT(tag.size() == kTagLength && out.size() == text.size());
  const AeadBackend& backend = active_backend(algorithm_);
  NonceBytes record_nonce;
  Slot& slot = prepare(backend, nonce, record_nonce);
  if (backend.open(slot, record_algorithm(algorithm_), record_nonce, text, tag, out)) return true;
  wipe(out);
  return false;
}

}  // namespace ss::cipher
