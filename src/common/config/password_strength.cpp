#include "ss/config/password_strength.hpp"

#include <array>
#include <cmath>
#include <string>

namespace ss::config {
namespace {

constexpr std::size_t kLongest = 128;
constexpr double kForetoldBits = 1;
constexpr double kWordBits = 10;

/// Words that people build passwords from, letters alone and longest first where one holds another.
constexpr std::array<std::string_view, 40> kWords = {
    "shadowsocks", "password", "passwort", "passwd",   "administrator", "admin",    "qwerty",   "letmein",
    "welcome",     "monkey",   "dragon",   "football", "baseball",      "iloveyou", "sunshine", "princess",
    "trustno",     "master",   "superman", "batman",   "starwars",      "whatever", "computer", "internet",
    "secret",      "server",   "hello",    "freedom",  "michael",       "charlie",  "summer",   "winter",
    "spring",      "autumn",   "changeme", "default",  "barfoo",        "foobar",   "google",   "test",
};

constexpr std::array<std::string_view, 4> kRows = {"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"};

/// Lower case, and digits and signs turned into the letters that they often stand for.
std::string unmasked(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    constexpr std::string_view kMasks = "0134578@$!";
    constexpr std::string_view kLetters = "oleastbasi";
    if (const std::size_t at = kMasks.find(c); at != std::string_view::npos) c = kLetters[at];
  }
  return out;
}

double bits_per_character(std::string_view text) {
  bool lower = false, upper = false, digit = false, sign = false, beyond = false;
  for (const char c : text) {
    if (c >= 'a' && c <= 'z') {
      lower = true;
    } else if (c >= 'A' && c <= 'Z') {
      upper = true;
    } else if (c >= '0' && c <= '9') {
      digit = true;
    } else if (static_cast<unsigned char>(c) < 0x80) {
      sign = true;
    } else {
      beyond = true;
    }
  }
  return std::log2(1 + 26.0 * lower + 26.0 * upper + 10.0 * digit + 33.0 * sign + 64.0 * beyond);
}

bool are_neighbours(char a, char b) {
  if (std::abs(a - b) <= 1) return true;
  for (const std::string_view row : kRows) {
    const std::size_t i = row.find(a), j = row.find(b);
    if (i != std::string_view::npos && j != std::string_view::npos && (i + 1 == j || j + 1 == i)) return true;
  }
  return false;
}

/// Whether the four characters that end at `at` stood earlier in the text.
bool continues_repeat(std::string_view text, std::size_t at) {
  if (at < 4) return false;
  return text.substr(0, at).find(text.substr(at - 3, 4)) != std::string_view::npos;
}

/// The length of the common word that begins at `at`, or 0.
std::size_t word_at(std::string_view text, std::size_t at) {
  for (const std::string_view word : kWords) {
    if (text.substr(at).starts_with(word)) return word.size();
  }
  return 0;
}

}  // namespace

double password_bits(std::string_view password) {
  const std::string_view text = password.substr(0, kLongest);
  const std::string plain = unmasked(text);
  const double each = bits_per_character(text);
  double bits = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t length = word_at(plain, i)) {
      bits += kWordBits;
      i += length;
      continue;
    }
    const bool foretold = (i > 0 && are_neighbours(text[i - 1], text[i])) || continues_repeat(text, i);
    bits += foretold ? kForetoldBits : each;
    ++i;
  }
  return bits;
}

}  // namespace ss::config
