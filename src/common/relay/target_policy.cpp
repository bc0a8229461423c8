#include "ss/relay/target_policy.hpp"

#include <algorithm>

#include "ss/base/address_class.hpp"

namespace ss::relay {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Names compare without case and without the final dot of an absolute name.
std::string canonical(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string result(name);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

bool matches_name(const std::vector<TargetPolicy::Rule>& rules, std::string_view name) {
  return std::any_of(rules.begin(), rules.end(), [name](const TargetPolicy::Rule& rule) {
    const auto* pattern = std::get_if<std::string>(&rule);
    if (pattern == nullptr) return false;
    if (pattern->starts_with("*.")) return name.ends_with(std::string_view(*pattern).substr(1));
    return name == *pattern;
  });
}

bool matches_address(const std::vector<TargetPolicy::Rule>& rules, const IpAddress& address) {
  return std::any_of(rules.begin(), rules.end(), [&address](const TargetPolicy::Rule& rule) {
    const auto* cidr = std::get_if<Cidr>(&rule);
    return cidr != nullptr && (cidr->contains(address) || cidr->contains(address.unmapped()));
  });
}

void make_canonical(std::vector<TargetPolicy::Rule>& rules) {
  for (TargetPolicy::Rule& rule : rules) {
    if (auto* pattern = std::get_if<std::string>(&rule)) *pattern = canonical(*pattern);
  }
}

TargetPolicy::Verdict refuse(std::string_view why, const IpAddress& address) {
  const std::string text = address.to_string();
  return {false, std::string(why) + " address " + text + ": \"allow_targets\": [\"" + text + "\"] would open it"};
}

}  // namespace

TargetPolicy::TargetPolicy(std::vector<Rule> allow, std::vector<Rule> deny, std::vector<IpAddress> own)
    : allow_(std::move(allow)), deny_(std::move(deny)), own_(std::move(own)) {
  make_canonical(allow_);
  make_canonical(deny_);
}

TargetPolicy::Named TargetPolicy::judge_name(std::string_view name) const {
  const std::string plain = canonical(name);
  if (matches_name(deny_, plain)) return Named::denied;
  if (matches_name(allow_, plain)) return Named::allowed;
  return Named::by_address;
}

TargetPolicy::Verdict TargetPolicy::judge(const IpAddress& address, Named name) const {
  if (name == Named::denied) return {false, "the name is in \"deny_targets\""};
  if (matches_address(deny_, address)) return {false, "address " + address.to_string() + " is in \"deny_targets\""};
  if (name == Named::allowed || matches_address(allow_, address)) return {};
  const AddressClass kind = classify(address);
  if (kind != AddressClass::global) return refuse(name_of(kind), address);
  if (std::find(own_.begin(), own_.end(), address.unmapped()) != own_.end()) return refuse("own", address);
  return {};
}

}  // namespace ss::relay
