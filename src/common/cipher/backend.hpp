#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "slot.hpp"
#include "ss/base/bytes.hpp"
#include "ss/cipher/method.hpp"

namespace ss::cipher {

inline constexpr std::size_t kRecordNonce = 12;
using RecordNonce = std::span<const std::uint8_t, kRecordNonce>;

/// One library that seals and opens records. XChaCha20 never comes this far: AeadKey turns it into ChaCha20 under a
/// subkey.
///
/// Owner: the process. Threads: any; each slot one at a time.
class AeadBackend {
 public:
  /// E.g. `OpenSSL 3.0.17`
  [[nodiscard]] virtual std::string describe() const = 0;

  /// Whether this back end was measured to be the quicker one for `algorithm` on this processor.
  [[nodiscard]] virtual bool wins(Algorithm algorithm) const = 0;

  /// Makes `slot` ready for records under `key`, whatever lay in it.
  virtual void expand(Slot& slot, Algorithm algorithm, ConstBytes key) const = 0;

  /// @pre  the slot was expanded by this back end for `algorithm`.
  virtual void seal(Slot& slot, Algorithm algorithm, RecordNonce nonce, Bytes text, Bytes tag) const = 0;

  /// @pre  out.size() == text.size(); they are the same bytes or do not overlap.
  /// @return false: the tag did not verify; what lies in `out` must be wiped by the caller.
  [[nodiscard]] virtual bool open(Slot& slot, Algorithm algorithm, RecordNonce nonce, ConstBytes text, ConstBytes tag,
                                  Bytes out) const = 0;

 protected:
  ~AeadBackend() = default;
};

const AeadBackend& openssl_backend();

/// Null where the build or the processor does not have it.
const AeadBackend* ipsec_mb_backend();

/// The back end for `algorithm` by the rule alone, whatever use_backend() said.
const AeadBackend& quickest_backend(Algorithm algorithm);

/// The back end in use for `algorithm`; XChaCha20 follows ChaCha20.
const AeadBackend& active_backend(Algorithm algorithm);

/// Takes the key out of the slot's OpenSSL context, which stays for the next key.
/// @pre  slot.context is not null.
void forget_openssl_key(Slot& slot);

/// Frees the slot's OpenSSL context where it has one.
void free_openssl_context(Slot& slot);

}  // namespace ss::cipher
