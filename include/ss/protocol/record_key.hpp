#pragma once

#include <cstdint>
#include <utility>

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/cipher/kdf.hpp"
#include "ss/cipher/method.hpp"
#include "ss/cipher/nonce.hpp"

namespace ss::protocol {

/// The subkey of one direction and the nonce that counts its records, so that no nonce can be used twice (SIP004 "TCP",
/// SIP022 3.1.2).
///
/// Owner: one encoder, decoder or handshake. Threads: those of its key cache.
class RecordKey {
 public:
  /// AES blocks after which a key is worn: 2^43 blocks (128 TiB) keep the bound on telling GCM from random near 2^-43.
  static constexpr std::uint64_t kMaxBlocks = std::uint64_t{1} << 43;

  RecordKey(cipher::AeadKey key, const cipher::Nonce& nonce, std::uint64_t blocks = 0)
      : key_(std::move(key)), blocks_(blocks), nonce_(nonce) {}

  /// The subkey of the stream that starts with `salt`, before its first record.
  /// @pre  method.family is not plain
  static RecordKey derive(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys, ConstBytes salt) {
    return {cipher::AeadKey(keys, method.algorithm, cipher::stream_subkey(method, key, salt)),
            cipher::Nonce(method.nonce_length)};
  }

  /// Whether the next record would repeat a nonce or wear the key out.
  [[nodiscard]] bool spent() const { return nonce_.spent() || blocks_ >= kMaxBlocks; }

  /// Seals `text` in place under the next nonce.
  /// @pre  !spent()
  void seal(Bytes text, Bytes tag) {
    SS_ASSERT(!spent());
    key_.seal(nonce_.value(), text, tag);
    count(text.size());
  }

  /// Opens `text` in place under the next nonce.
  /// @pre  !spent()
  /// @return false: the tag did not verify, and `text` has been wiped.
  [[nodiscard]] bool open(Bytes text, ConstBytes tag) {
    SS_ASSERT(!spent());
    const bool genuine = key_.open(nonce_.value(), text, tag);
    count(text.size());
    return genuine;
  }

  /// Whether a copy of `text` opens under the next nonce; the nonce stays.
  /// @pre  out.size() == text.size(), !spent()
  [[nodiscard]] bool would_open(ConstBytes text, ConstBytes tag, Bytes out) {
    return key_.open_into(nonce_.value(), text, tag, out);
  }

 private:
  void count(std::size_t text) {
    nonce_.advance();
    blocks_ += text / 16 + 2;  // a part of a block, and the one that masks the tag
  }

  cipher::AeadKey key_;
  std::uint64_t blocks_;
  cipher::Nonce nonce_;
};

}  // namespace ss::protocol
