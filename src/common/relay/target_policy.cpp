#include "ss/relay/target_policy.hpp"

#include <algorithm>

#include "ss/base/address_class.hpp"

namespace ss::relay {

namespace {

template <class Subject>
bool any_matches(const std::vector<TargetRule>& rules, const Subject& subject) {
  return std::any_of(rules.begin(), rules.end(), [&subject](const TargetRule& rule) { return rule.matches(subject); });
}

TargetPolicy::Verdict refuse(std::string_view why, const IpAddress& address) {
  const std::string text = address.to_string();
  return {false, std::string(why) + " address " + text + ": \"allow_targets\": [\"" + text + "\"] would open it"};
}

}  // namespace

TargetPolicy::TargetPolicy(std::vector<TargetRule> allow, std::vector<TargetRule> deny, std::vector<IpAddress> own)
    : allow_(std::move(allow)), deny_(std::move(deny)), own_(std::move(own)) {}

TargetPolicy::Named TargetPolicy::judge_name(std::string_view name) const {
  if (any_matches(deny_, name)) return Named::denied;
  if (any_matches(allow_, name)) return Named::allowed;
  return Named::by_address;
}

TargetPolicy::Verdict TargetPolicy::judge(const IpAddress& address, Named name) const {
  if (name == Named::denied) return {false, "the name is in \"deny_targets\""};
  if (any_matches(deny_, address)) return {false, "address " + address.to_string() + " is in \"deny_targets\""};
  if (name == Named::allowed || any_matches(allow_, address)) return {};
  const AddressClass kind = classify(address);
  if (kind != AddressClass::global) return refuse(name_of(kind), address);
  if (std::find(own_.begin(), own_.end(), reached_by(address)) != own_.end()) return refuse("own", address);
  return {};
}

}  // namespace ss::relay
