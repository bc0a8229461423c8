#include "ss/cipher/base64.hpp"

#include <array>

#include "ss/base/secret.hpp"

namespace ss::cipher {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xFF;

using Digits = std::array<std::uint8_t, 256>;

constexpr Digits digits_of(std::string_view first, std::string_view second) {
  Digits digits{};
  for (auto& d : digits) d = kNoDigit;
  for (std::size_t i = 0; i < first.size(); ++i) {
    digits[static_cast<std::uint8_t>(first[i])] = static_cast<std::uint8_t>(i);
    digits[static_cast<std::uint8_t>(second[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}

constexpr Digits kStandardDigits = digits_of(kStandard, kStandard);
constexpr Digits kAnyDigits = digits_of(kStandard, kUrlSafe);

/// The text without padding.
std::string encode(ConstBytes bytes, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 6; held -= 6) text += alphabet[bits >> (held - 6) & 0x3F];
  }
  if (held > 0) text += alphabet[bits << (6 - held) & 0x3F];
  return text;
}

/// Takes off a padding that is right: to a multiple of four, with at most two signs.
std::string_view without_padding(std::string_view text) {
  if (text.size() % 4 != 0) return text;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string base64(ConstBytes bytes) {
  std::string text = encode(bytes, kStandard);
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::string base64url(ConstBytes bytes) {
  return encode(bytes, kUrlSafe);
}

Result<ByteVector> base64_decode(std::string_view text, Alphabet alphabet) {
  const Digits& digits = alphabet == Alphabet::standard ? kStandardDigits : kAnyDigits;
  text = without_padding(text);
  if (text.size() % 4 == 1) return Errc::bad_base64;
  ByteVector bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::uint8_t digit = digits[static_cast<std::uint8_t>(c)];
    if (digit == kNoDigit) {
      wipe(bytes);
      return Errc::bad_base64;
    }
    bits = bits << 6 | digit;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
  // Two texts must not stand for one key: what is left over has to be zero.
  if ((bits & ((1U << held) - 1)) != 0) {
    wipe(bytes);
    return Errc::bad_base64;
  }
  return bytes;
}

}  // namespace ss::cipher
