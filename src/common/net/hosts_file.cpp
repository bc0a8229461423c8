#include "ss/net/hosts_file.hpp"

#include <algorithm>

#include "ss/net/dns_name.hpp"

namespace ss::net {

namespace {

/// Cuts the next word off the front; empty at the end of the line.
std::string_view next_word(std::string_view& line) {
  constexpr std::string_view kSpace = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kSpace));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

HostsFile::HostsFile(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    add_line(line.substr(0, line.find('#')));
  }
}

const std::vector<IpAddress>* HostsFile::find(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : &found->second;
}

void HostsFile::add_line(std::string_view line) {
  const auto address = IpAddress::parse(next_word(line));
  if (!address) return;
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    const auto name = canonical_dns_name(word);
    if (!name) continue;
    std::vector<IpAddress>& addresses = names_[*name];
    if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) addresses.push_back(*address);
  }
}

}  // namespace ss::net
