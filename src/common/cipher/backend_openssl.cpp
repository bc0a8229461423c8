#include <openssl/crypto.h>

#include "backend.hpp"
#include "openssl.hpp"

namespace ss::cipher {
namespace {

const EVP_CIPHER* cipher_of(Algorithm algorithm) {
  static const EVP_CIPHER* const aes_128 = fetch_cipher("AES-128-GCM");
  static const EVP_CIPHER* const aes_192 = fetch_cipher("AES-192-GCM");
  static const EVP_CIPHER* const aes_256 = fetch_cipher("AES-256-GCM");
  static const EVP_CIPHER* const chacha20 = fetch_cipher("ChaCha20-Poly1305");
  switch (algorithm) {
    case Algorithm::aes_128_gcm:
      return aes_128;
    case Algorithm::aes_192_gcm:
      return aes_192;
    case Algorithm::aes_256_gcm:
      return aes_256;
    default:
      return chacha20;
  }
}

EVP_CIPHER_CTX* context_of(Slot& slot) {
  return static_cast<EVP_CIPHER_CTX*>(slot.context);
}

/// Only the nonce is new: the key and its schedule stay, in both directions.
void start_record(EVP_CIPHER_CTX* context, RecordNonce nonce, int enc) {
  must(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), enc, nullptr) == 1, "a nonce");
}

/// An empty record has no text to pass on: a null input would mean the end to OpenSSL.
void run(EVP_CIPHER_CTX* context, ConstBytes text, Bytes out) {
  if (text.empty()) return;
  int written = 0;
  must(EVP_CipherUpdate(context, out.data(), &written, text.data(), static_cast<int>(text.size())) == 1, "a record");
}

class OpensslBackend final : public AeadBackend {
 public:
  [[nodiscard]] std::string describe() const override {
    return std::string("OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING);
  }

  [[nodiscard]] bool wins(Algorithm) const override { return true; }

  void expand(Slot& slot, Algorithm algorithm, ConstBytes key) const override {
    if (slot.context == nullptr) slot.context = new_cipher_context().release();
    must(EVP_CipherInit_ex2(context_of(slot), cipher_of(algorithm), key.data(), nullptr, 1, nullptr) == 1, "a key");
  }

  void seal(Slot& slot, Algorithm, RecordNonce nonce, Bytes text, Bytes tag) const override {
    EVP_CIPHER_CTX* const context = context_of(slot);
    start_record(context, nonce, 1);
    run(context, text, text);
    int written = 0;
    must(EVP_CipherFinal_ex(context, tag.data(), &written) == 1, "the end of a record");
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagLength, tag.data()) == 1, "a tag");
  }

  [[nodiscard]] bool open(Slot& slot, Algorithm, RecordNonce nonce, ConstBytes text, ConstBytes tag,
                          Bytes out) const override {
    EVP_CIPHER_CTX* const context = context_of(slot);
    start_record(context, nonce, 0);
    // The interface takes the tag as writable and only reads it.
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagLength, const_cast<std::uint8_t*>(tag.data())) == 1,
         "a tag");
    run(context, text, out);
    std::uint8_t nothing = 0;
    int written = 0;
    return EVP_CipherFinal_ex(context, &nothing, &written) == 1;
  }
};

}  // namespace

const AeadBackend& openssl_backend() {
  static const OpensslBackend backend;
  return backend;
}

void forget_openssl_key(Slot& slot) {
  EVP_CIPHER_CTX_reset(context_of(slot));
}

void free_openssl_context(Slot& slot) {
  EVP_CIPHER_CTX_free(context_of(slot));
  slot.context = nullptr;
}

}  // namespace ss::cipher
