#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ss/base/address.hpp"

namespace ss {

/// One entry of `allow_targets` or `deny_targets`: a CIDR or an address, or a host pattern.
///
/// `example.com` is that name alone, `*.example.com` every name below it, `*` every name. Letters compare without case,
/// and a final dot does not count.
class TargetRule {
 public:
  /// @return nothing where `text` is neither.
  static std::optional<TargetRule> parse(std::string_view text);

  /// Whether the rule names this address; a host pattern never does.
  [[nodiscard]] bool matches(const IpAddress& address) const;
  /// Whether the rule names this domain; a CIDR never does.
  [[nodiscard]] bool matches(std::string_view domain) const;
  /// As it was written.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  /// Lower case, without a final dot; with `below`, a match must end in `.name`.
  struct HostPattern {
    std::string name;
    bool below = false;
  };

  TargetRule(std::string_view text, std::variant<Cidr, HostPattern> rule) : text_(text), rule_(std::move(rule)) {}

  std::string text_;
  std::variant<Cidr, HostPattern> rule_;
};

}  // namespace ss
