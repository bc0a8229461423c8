#pragma once

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace ss::cipher {

/// Ends the process where OpenSSL refuses what no input can make it refuse: memory is out, or an algorithm is switched
/// off on this machine. Going on would mean bytes in the clear.
inline void must(bool went_well, const char* what) {
  if (went_well) return;
  std::fprintf(stderr, "OpenSSL refused: %s\n", what);
  std::abort();
}

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

inline CipherContext new_cipher_context() {
  CipherContext context(EVP_CIPHER_CTX_new());
  must(context != nullptr, "a cipher context");
  return context;
}

/// Looks an algorithm up once; OpenSSL 3 takes microseconds for that. The caller keeps the result for ever.
inline const EVP_CIPHER* fetch_cipher(const char* name) {
  const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  must(cipher != nullptr, name);
  return cipher;
}

inline const EVP_MD* fetch_digest(const char* name) {
  const EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  must(digest != nullptr, name);
  return digest;
}

}  // namespace ss::cipher
