#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/aead.hpp"

namespace ss::cipher {

/// A file of tests/vectors, e.g. `primitives`.
inline nlohmann::json vectors(const std::string& name) {
  std::ifstream file(std::string(SS_VECTORS) + "/" + name + ".json");
  if (!file) throw std::runtime_error("no vectors named " + name);
  return nlohmann::json::parse(file);
}

inline ByteVector unhex(const std::string& text) {
  ByteVector bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline std::string hex(ConstBytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

/// 0, 1, 2, … from `first`, by steps of `step`.
inline ByteVector counted(std::size_t size, unsigned first = 0, unsigned step = 1) {
  ByteVector bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + i * step);
  return bytes;
}

inline std::size_t key_length(Algorithm algorithm) {
  return algorithm == Algorithm::aes_128_gcm ? 16 : algorithm == Algorithm::aes_192_gcm ? 24 : 32;
}
inline std::size_t nonce_length(Algorithm algorithm) {
  return algorithm == Algorithm::xchacha20_poly1305 ? 24 : 12;
}

inline std::string name_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::aes_128_gcm:
      return "aes_128_gcm";
    case Algorithm::aes_192_gcm:
      return "aes_192_gcm";
    case Algorithm::aes_256_gcm:
      return "aes_256_gcm";
    case Algorithm::chacha20_poly1305:
      return "chacha20_poly1305";
    case Algorithm::xchacha20_poly1305:
      return "xchacha20_poly1305";
    case Algorithm::none:
      break;
  }
  return "none";
}

inline constexpr Algorithm kAlgorithms[] = {Algorithm::aes_128_gcm, Algorithm::aes_192_gcm, Algorithm::aes_256_gcm,
                                            Algorithm::chacha20_poly1305, Algorithm::xchacha20_poly1305};
inline constexpr Backend kBackends[] = {Backend::openssl, Backend::ipsec_mb};

inline std::string name_of(Backend backend) {
  return backend == Backend::openssl ? "openssl" : "ipsec_mb";
}

inline KeyBytes key_of(Algorithm algorithm, unsigned first = 1) {
  return KeyBytes(counted(key_length(algorithm), first));
}

}  // namespace ss::cipher
