#include "ss/net/dns_name.hpp"

namespace ss::net {

namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

/// The letter in lower case, or 0 where a host name has no such byte. Not <cctype>: the locale has no say in names.
char canonical_letter(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  const bool known = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  return known ? c : '\0';
}

}  // namespace

std::optional<std::string> canonical_dns_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kMaxName) return std::nullopt;
  std::string canonical;
  canonical.reserve(name.size());
  std::size_t label = 0;
  for (const char c : name) {
    const char letter = c == '.' ? c : canonical_letter(c);
    if (letter == '\0' || (c == '.' && label == 0) || (c != '.' && label == kMaxLabel)) return std::nullopt;
    label = c == '.' ? 0 : label + 1;
    canonical += letter;
  }
  if (label == 0) return std::nullopt;
  return canonical;
}

bool is_localhost(std::string_view name) {
  return name == "localhost" || name.ends_with(".localhost");
}

}  // namespace ss::net
