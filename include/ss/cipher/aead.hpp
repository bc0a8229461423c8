#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"
#include "ss/cipher/nonce.hpp"

namespace ss::cipher {

class KeyCache;

/// One key of one AEAD (RFC 5116), sealing or opening records in place. Associated data is always empty.
///
/// Holds the raw key (32 bytes) only. What the key expands to lies in the worker's KeyCache, and is made anew when the cache
/// gave the place to another key meanwhile (130–190 ns), so an idle connection costs no cipher context.
///
/// Owner: one direction of one stream. Threads: those of its cache. Lifetime: must go before its cache.
class AeadKey {
 public:
  /// @pre  key.size() is the algorithm's; algorithm is not `none`.
  AeadKey(KeyCache& cache, Algorithm algorithm, const KeyBytes& key);
  AeadKey(AeadKey&& other) noexcept;
  AeadKey& operator=(AeadKey&& other) noexcept;
  ~AeadKey();

  /// Encrypts `text` in place and writes its tag.
  /// @pre  nonce.size() is the algorithm's (12, or 24 for XChaCha20); tag.size() == kTagLength.
  void seal(ConstBytes nonce, Bytes text, Bytes tag);

  /// Verifies and decrypts `text` in place.
  /// @return false: the tag did not verify (compared in constant time) and `text` has been wiped.
  [[nodiscard]] bool open(ConstBytes nonce, Bytes text, ConstBytes tag);

  /// Verifies and decrypts into `out`, leaving `text` as it was: for trying one ciphertext under several keys.
  /// @pre  out.size() == text.size()
  /// @return false: the tag did not verify and `out` has been wiped.
  [[nodiscard]] bool open_into(ConstBytes nonce, ConstBytes text, ConstBytes tag, Bytes out);

 private:
  // private parts: see aead.cpp
};

/// The expanded keys of one worker: a fixed number of slots in locked memory that is left out of core dumps.
///
/// Owner: the worker. Threads: one.
class KeyCache {
 public:
  /// @param slots  how many keys stay expanded at once (a power of two).
  explicit KeyCache(std::size_t slots = 512);
  ~KeyCache();
};

/// Which library does the work.
enum class Backend : std::uint8_t { openssl, ipsec_mb };

/// The back end in use for `algorithm`: chosen once, at the first call, by what the build found and what the processor has.
Backend backend_of(Algorithm algorithm);

/// Makes every later choice fall on `backend` where the build has it: for tests and benchmarks that run on both.
/// @return false: this build or processor does not have it.
/// Threads: before any AeadKey exists.
bool use_backend(Backend backend);

/// E.g. `aes-gcm: intel-ipsec-mb 1.3.0 (AVX-512), chacha20-poly1305: OpenSSL 3.0.17`, for --version.
std::string describe_backends();

}  // namespace ss::cipher
