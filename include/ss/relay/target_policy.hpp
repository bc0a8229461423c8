#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ss/base/address.hpp"

namespace ss::relay {

/// Where ss-server connects to, and where not.
///
/// Refused by default: everything that is not a public address (base/address_class.hpp), and the server's own addresses.
/// `deny` adds to that; `allow` opens, but not what `deny` names. Names are judged by pattern; what they resolve to is judged
/// again, and the connection goes to the very address that was judged.
///
/// Immutable; shared by all workers.
class TargetPolicy {
 public:
  /// `10.0.0.0/8`, `example.com`, or `*.example.com` (every name below it).
  using Rule = std::variant<Cidr, std::string>;

  TargetPolicy(std::vector<Rule> allow, std::vector<Rule> deny, std::vector<IpAddress> own);

  struct Verdict {
    bool allowed = true;
    /// Why not, for the log: `private address 10.0.0.1: "allow_targets": ["10.0.0.1"] would open it`.
    std::string reason;
  };

  enum class Named : std::uint8_t {
    by_address,  ///< no rule names it: its addresses decide
    allowed,     ///< `allow` names it: all its addresses are allowed but those that `deny` names
    denied,
  };
  [[nodiscard]] Named judge_name(std::string_view name) const;
  [[nodiscard]] Verdict judge(const IpAddress& address, Named name = Named::by_address) const;

 private:
  std::vector<Rule> allow_;
  std::vector<Rule> deny_;
  std::vector<IpAddress> own_;
};

}  // namespace ss::relay
