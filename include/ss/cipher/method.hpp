#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ss::cipher {

enum class Algorithm : std::uint8_t {
  none,  ///< bytes as they are; only between loopback addresses
  aes_128_gcm,
  aes_192_gcm,
  aes_256_gcm,
  chacha20_poly1305,
  xchacha20_poly1305,
};

/// aead2017 = SIP004/SIP007, aead2022 = SIP022/SIP023.
enum class Family : std::uint8_t { plain, aead2017, aead2022 };

/// One row of the table of methods. All lengths in bytes.
struct Method {
  std::string_view name;
  Family family;
  Algorithm algorithm;
  std::uint8_t key_length;  ///< = salt length for every method
  std::uint8_t nonce_length;
  bool identity_headers;  ///< SIP023 is defined for it

  [[nodiscard]] std::size_t salt_length() const { return family == Family::plain ? 0 : key_length; }
  [[nodiscard]] bool is_2022() const { return family == Family::aead2022; }
};

inline constexpr std::size_t kTagLength = 16;
inline constexpr std::size_t kMaxSaltLength = 32;

/// The method of that name or alias (lower or upper case), or nothing.
const Method* find_method(std::string_view name);

/// Every method, in the order in which they are documented.
std::span<const Method> methods();

/// Whether `name` is one of the broken stream ciphers of old (rc4-md5, aes-256-cfb, …), which are refused by name.
bool is_stream_method(std::string_view name);

/// The method for new set-ups: 2022-blake3-aes-256-gcm where the processor has AES instructions, else the ChaCha20 one.
const Method& default_method();

}  // namespace ss::cipher
