#include "ss/config/values.hpp"

#include <algorithm>
#include <charconv>

#include "ss/base/address_class.hpp"

namespace ss::config {
namespace {

/// An address, or letters, digits, `-`, `_` and `.`; digits and dots alone can only be meant as an address.
bool is_host(std::string_view text) {
  if (IpAddress::parse(text)) return true;
  if (text.find_first_not_of("0123456789.") == std::string_view::npos || text.size() > 255) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  });
}

std::optional<unsigned> parse_digits(std::string_view text, unsigned low, unsigned high) {
  unsigned number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stopped != text.data() + text.size() || number < low || number > high)
    return std::nullopt;
  return number;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<Endpoint> resolvers(std::initializer_list<std::string_view> addresses) {
  std::vector<Endpoint> out;
  for (const std::string_view address : addresses) out.push_back({*IpAddress::parse(address), 53});
  return out;
}

}  // namespace

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const std::optional<unsigned> number = parse_digits(text, 1, 65'535);
  return number ? std::optional(static_cast<std::uint16_t>(*number)) : std::nullopt;
}

std::optional<PortRange> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::uint16_t> first = parse_port(text.substr(0, dash));
  const std::optional<std::uint16_t> last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return PortRange{*first, *last};
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text.substr(1, end - 1);
    const std::optional<IpAddress> address = IpAddress::parse(inside);
    if (!address || !address->is_v6()) return std::nullopt;
    if (end + 1 == text.size()) return HostPort{std::string(inside), std::nullopt};
    if (text[end + 1] != ':') return std::nullopt;
    const std::optional<std::uint16_t> port = parse_port(text.substr(end + 2));
    return port ? std::optional(HostPort{std::string(inside), port}) : std::nullopt;
  }
  const std::size_t colon = text.find(':');
  if (colon != text.rfind(':')) {
    return IpAddress::parse(text) ? std::optional(HostPort{std::string(text), std::nullopt}) : std::nullopt;
  }
  const std::string_view host = text.substr(0, colon);
  if (!is_host(host)) return std::nullopt;
  if (colon == std::string_view::npos) return HostPort{std::string(host), std::nullopt};
  const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
  return port ? std::optional(HostPort{std::string(host), port}) : std::nullopt;
}

std::optional<std::uint8_t> parse_dscp(std::string_view text) {
  const std::string name = upper(text);
  std::optional<unsigned> code;
  if (name == "EF") {
    code = 46;
  } else if (name.size() == 3 && name.starts_with("CS")) {
    if (const auto precedence = parse_digits(name.substr(2), 0, 7)) code = *precedence * 8;
  } else if (name.size() == 4 && name.starts_with("AF")) {
    // RFC 2597: AFxy, class x and drop precedence y.
    const auto group = parse_digits(name.substr(2, 1), 1, 4);
    const auto drop = parse_digits(name.substr(3, 1), 1, 3);
    if (group && drop) code = *group * 8 + *drop * 2;
  } else {
    code = parse_digits(name, 0, 63);
  }
  return code ? std::optional(static_cast<std::uint8_t>(*code)) : std::nullopt;
}

std::variant<std::vector<Endpoint>, Complaint> parse_nameservers(std::string_view text) {
  if (text == "system" || text.empty()) return std::vector<Endpoint>{};
  if (text == "google") return resolvers({"8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"});
  if (text == "cloudflare") return resolvers({"1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"});
  if (text == "quad9") return resolvers({"9.9.9.9", "149.112.112.112", "2620:fe::fe", "2620:fe::9"});
  if (text.ends_with("_tls") || text.ends_with("_https")) {
    return Complaint{"DNS over TLS or HTTPS is not supported yet",
                     "write an address such as \"9.9.9.9\", or \"system\""};
  }
  std::vector<Endpoint> out;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::optional<HostPort> entry = parse_host_port(trimmed(text.substr(0, comma)));
    const std::optional<IpAddress> address = entry ? IpAddress::parse(entry->host) : std::nullopt;
    if (!address) {
      return Complaint{
          "is not a list of name servers",
          "write addresses such as \"9.9.9.9, 1.1.1.1\", or \"system\", \"google\", \"cloudflare\" or \"quad9\""};
    }
    out.push_back({*address, entry->port.value_or(53)});
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

bool is_loopback(const TargetAddress& address) {
  if (address.is_domain()) return address.domain() == "localhost";
  return classify(address.ip()) == AddressClass::loopback;
}

bool is_unspecified(const TargetAddress& address) {
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  return !address.is_domain() && std::all_of(address.ip().bytes().begin(), address.ip().bytes().end(), is_zero);
}

}  // namespace ss::config
