#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/base/target_rule.hpp"

namespace ss::relay {

/// Where ss-server connects to, and where not.
///
/// Refused by default: everything that is not a public address (base/address_class.hpp), and the server's own
/// addresses. `deny` adds to that; `allow` opens, but not what `deny` names. Names are judged by pattern; what they
/// resolve to is judged again, and the connection goes to the very address that was judged.
///
/// Immutable; shared by all workers.
class TargetPolicy {
 public:
  /// @param own  the server's own addresses.
  TargetPolicy(std::vector<TargetRule> allow, std::vector<TargetRule> deny, std::vector<IpAddress> own);

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
  std::vector<TargetRule> allow_;
  std::vector<TargetRule> deny_;
  std::vector<IpAddress> own_;
};

}  // namespace ss::relay
