#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ss::cipher {

/// Room for what one key expands to. All zero means empty.
///
/// Owner: a KeyCache. Threads: its cache's.
struct alignas(64) Slot {
  static constexpr std::size_t kMaterial = 1008;

  std::array<std::uint8_t, kMaterial>
      material;   ///< intel-ipsec-mb: round keys and powers of the hash key, or the raw key
  void* context;  ///< OpenSSL: an EVP_CIPHER_CTX, made at first use and kept for later keys
};

static_assert(sizeof(Slot) == 1024, "four slots a page");

}  // namespace ss::cipher
