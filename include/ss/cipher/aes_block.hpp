#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"

namespace ss::cipher {

/// One AES key over single 16-byte blocks, no mode, no IV: identity headers (SIP023) and separate headers (SIP022 UDP).
///
/// Owner: one. Threads: one at a time.
class AesBlock {
 public:
  /// @pre  key.size() is 16 or 32
  explicit AesBlock(const KeyBytes& key);
  AesBlock(AesBlock&&) noexcept;
  AesBlock& operator=(AesBlock&&) noexcept;
  ~AesBlock();

  /// @pre  in.size() == out.size() == 16; they may be the same bytes.
  void encrypt(ConstBytes in, Bytes out);
  void decrypt(ConstBytes in, Bytes out);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace ss::cipher
