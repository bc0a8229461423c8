#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"
#include "ss/cipher/nonce.hpp"

namespace ss::cipher {

class AeadBackend;
class AeadKey;
struct Slot;

/// The expanded keys of one worker: a fixed number of slots in locked memory that is left out of core dumps. Slots are
/// touched as they come into use, the last freed first, so an idle worker's cache costs next to nothing; where all are
/// taken, the clock's hand gives one that was not used lately to the new key.
///
/// Owner: the worker. Threads: one.
class KeyCache {
 public:
  /// @param slots  how many keys stay expanded at once, 1 KiB each.
  /// @pre  slots > 0
  explicit KeyCache(std::size_t slots = 512);
  ~KeyCache();
  KeyCache(const KeyCache&) = delete;
  KeyCache& operator=(const KeyCache&) = delete;

 private:
  friend class AeadKey;
  friend struct KeyCacheProbe;  // tests look into the slots

  /// Which slot a key had last; it still has it while the slot bears the same stamp. No stamp is given twice, 0 never.
  struct Place {
    std::uint64_t stamp = 0;
    std::uint32_t index = 0;
  };

  struct Use {
    std::uint64_t stamp = 0;
    std::uint32_t next_free = 0;
    bool recent = false;
  };

  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  /// The slot at `place`, or null where another key has it.
  Slot* find(const Place& place);
  /// A slot for a key that has none.
  Slot& claim(Place& place);
  /// Wipes the slot at `place`, if it is still the caller's, and frees it.
  void release(const Place& place);
  std::uint32_t evict();
  void lock_page_of(std::uint32_t index);

  Slot* slots_;
  std::vector<Use> uses_;
  std::size_t slots_per_page_;
  std::size_t touched_ = 0;
  std::size_t hand_ = 0;
  std::uint32_t free_ = kNone;
  std::uint64_t stamps_ = 0;
};

/// One key of one AEAD (RFC 5116), sealing or opening records in place. Associated data is always empty.
///
/// Holds the raw key (32 bytes) only. What the key expands to lies in the worker's KeyCache, and is made anew when the
/// cache gave the place to another key meanwhile (130–190 ns), so an idle connection costs no cipher context.
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
  using NonceBytes = std::array<std::uint8_t, 12>;

  /// The slot that holds this key, expanded, and the nonce that the back end takes.
  Slot& prepare(const AeadBackend& backend, ConstBytes nonce, NonceBytes& record_nonce);

  KeyCache* cache_;
  KeyCache::Place place_;
  KeyBytes key_;
  Algorithm algorithm_;
};

/// Which library does the work.
enum class Backend : std::uint8_t { openssl, ipsec_mb };

/// The back end in use for `algorithm`: chosen once, at the first call, by what the build found and what the processor
/// has.
Backend backend_of(Algorithm algorithm);

/// Makes every later choice fall on `backend` where the build has it: for tests and benchmarks that run on both.
/// @return false: this build or processor does not have it.
/// Threads: before any AeadKey exists.
bool use_backend(Backend backend);

/// E.g. `aes-gcm: intel-ipsec-mb 1.3.0 (AVX-512), chacha20-poly1305: OpenSSL 3.0.17`, for --version.
std::string describe_backends();

}  // namespace ss::cipher
