#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ss/base/address.hpp"

namespace ss::net {

/// What a hosts file says: `ADDRESS NAME [NAME …] [# comment]` a line. Lines and names that are none are passed over.
///
/// Owner: the resolver. Threads: none; one owner.
class HostsFile {
 public:
  HostsFile() = default;
  explicit HostsFile(std::string_view text);

  /// The addresses of `name`, both families, in the file's order; null where the file does not name it.
  /// @pre  `name` is canonical (dns_name.hpp).
  /// Lifetime: the file's.
  [[nodiscard]] const std::vector<IpAddress>* find(const std::string& name) const;

 private:
  void add_line(std::string_view line);
  std::unordered_map<std::string, std::vector<IpAddress>> names_;
};

}  // namespace ss::net
