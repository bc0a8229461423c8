#include "ss/base/target_rule.hpp"

#include <algorithm>

#include "ss/base/address_class.hpp"

namespace ss {
namespace {

std::string folded(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
         });
}

/// Digits, dots and a slash alone: somebody meant an address, so it is no name.
bool looks_like_address(std::string_view text) {
  return text.find_first_not_of("0123456789./") == std::string_view::npos;
}

}  // namespace

std::optional<TargetRule> TargetRule::parse(std::string_view text) {
  if (const std::optional<Cidr> cidr = Cidr::parse(text)) return TargetRule(text, *cidr);
  if (text == "*") return TargetRule(text, HostPattern{"", true});
  HostPattern pattern;
  pattern.below = text.starts_with("*.");
  pattern.name = folded(pattern.below ? text.substr(2) : text);
  if (!is_name(pattern.name) || looks_like_address(text)) return std::nullopt;
  return TargetRule(text, std::move(pattern));
}

bool TargetRule::matches(const IpAddress& address) const {
  const Cidr* const cidr = std::get_if<Cidr>(&rule_);
  // An IPv4 address inside an IPv6 one reaches what the IPv4 one reaches.
  return cidr && (cidr->contains(address) || cidr->contains(reached_by(address)));
}

bool TargetRule::matches(std::string_view domain) const {
  const HostPattern* const pattern = std::get_if<HostPattern>(&rule_);
  if (!pattern) return false;
  const std::string name = folded(domain);
  if (!pattern->below) return name == pattern->name;
  if (pattern->name.empty()) return true;
  return name.size() > pattern->name.size() + 1 && name.ends_with(pattern->name) &&
         name[name.size() - pattern->name.size() - 1] == '.';
}

}  // namespace ss
