#include "ss/cipher/method.hpp"

#include <algorithm>
#include <array>
#include <utility>

#if defined(__aarch64__) && __has_include(<sys/auxv.h>)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace ss::cipher {
namespace {

constexpr std::array kMethods = {
    Method{"aes-128-gcm", Family::aead2017, Algorithm::aes_128_gcm, 16, 12, false},
    Method{"aes-192-gcm", Family::aead2017, Algorithm::aes_192_gcm, 24, 12, false},
    Method{"aes-256-gcm", Family::aead2017, Algorithm::aes_256_gcm, 32, 12, false},
    Method{"chacha20-ietf-poly1305", Family::aead2017, Algorithm::chacha20_poly1305, 32, 12, false},
    Method{"xchacha20-ietf-poly1305", Family::aead2017, Algorithm::xchacha20_poly1305, 32, 24, false},
    Method{"2022-blake3-aes-128-gcm", Family::aead2022, Algorithm::aes_128_gcm, 16, 12, true},
    Method{"2022-blake3-aes-256-gcm", Family::aead2022, Algorithm::aes_256_gcm, 32, 12, true},
    Method{"2022-blake3-chacha20-poly1305", Family::aead2022, Algorithm::chacha20_poly1305, 32, 12, false},
    Method{"none", Family::plain, Algorithm::none, 0, 0, false},
};

/// What other programs write for the same method.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kAliases = {{
    {"chacha20-poly1305", "chacha20-ietf-poly1305"},
    {"aead_chacha20_poly1305", "chacha20-ietf-poly1305"},
    {"aead_aes_128_gcm", "aes-128-gcm"},
    {"aead_aes_256_gcm", "aes-256-gcm"},
    {"plain", "none"},
}};

constexpr std::array<std::string_view, 36> kStreamMethods = {
    "table",
    "rc4",
    "rc4-md5",
    "rc4-md5-6",
    "aes-128-cfb",
    "aes-192-cfb",
    "aes-256-cfb",
    "aes-128-cfb1",
    "aes-192-cfb1",
    "aes-256-cfb1",
    "aes-128-cfb8",
    "aes-192-cfb8",
    "aes-256-cfb8",
    "aes-128-cfb128",
    "aes-192-cfb128",
    "aes-256-cfb128",
    "aes-128-ofb",
    "aes-192-ofb",
    "aes-256-ofb",
    "aes-128-ctr",
    "aes-192-ctr",
    "aes-256-ctr",
    "bf-cfb",
    "camellia-128-cfb",
    "camellia-192-cfb",
    "camellia-256-cfb",
    "cast5-cfb",
    "des-cfb",
    "idea-cfb",
    "rc2-cfb",
    "seed-cfb",
    "salsa20",
    "chacha20",
    "chacha20-ietf",
    "xchacha20",
    "xsalsa20",
};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view given, std::string_view name) {
  return std::equal(given.begin(), given.end(), name.begin(), name.end(), [](char a, char b) { return lower(a) == b; });
}

bool has_aes_instructions() {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("aes") != 0;
#elif defined(__aarch64__) && defined(HWCAP_AES)
  return (getauxval(AT_HWCAP) & HWCAP_AES) != 0;
#elif defined(__ARM_FEATURE_AES) || defined(__ARM_FEATURE_CRYPTO)
  return true;
#else
  return false;
#endif
}

}  // namespace

const Method* find_method(std::string_view name) {
  for (const auto& [alias, real] : kAliases) {
    if (same_name(name, alias)) name = real;
  }
  const auto* found =
      std::find_if(kMethods.begin(), kMethods.end(), [&](const Method& m) { return same_name(name, m.name); });
  return found == kMethods.end() ? nullptr : found;
}

std::span<const Method> methods() {
  return kMethods;
}

bool is_stream_method(std::string_view name) {
  return std::any_of(kStreamMethods.begin(), kStreamMethods.end(),
                     [&](std::string_view s) { return same_name(name, s); });
}

const Method& default_method() {
  static const Method& method =
      *find_method(has_aes_instructions() ? "2022-blake3-aes-256-gcm" : "2022-blake3-chacha20-poly1305");
  return method;
}

}  // namespace ss::cipher
