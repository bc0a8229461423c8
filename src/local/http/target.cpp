#include "http/target.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "http/head.hpp"

namespace ss::local {

namespace {

constexpr std::uint16_t kHttpPort = 80;

/// A name as it may stand in an authority. Percent signs and bytes above ASCII are left out: they have several
/// readings.
bool is_name(std::string_view host) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=";
  return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

/// Digits alone, 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || last != end || port == 0) return std::nullopt;
  return port;
}

/// @param default_port  0: one has to be written.
std::optional<TargetAddress> parse_authority(std::string_view text, std::uint16_t default_port) {
  std::string_view host;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    const std::optional<IpAddress> address = IpAddress::parse(host);
    if (!address || !address->is_v6()) return std::nullopt;
  } else {
    const std::size_t end = std::min(text.find(':'), text.size());
    host = text.substr(0, end);
    text.remove_prefix(end);
    if (!is_name(host)) return std::nullopt;
  }
  std::uint16_t port = default_port;
  if (!text.empty()) {
    const std::optional<std::uint16_t> written = parse_port(text.substr(1));
    if (text.front() != ':' || !written) return std::nullopt;
    port = *written;
  }
  if (port == 0) return std::nullopt;
  return TargetAddress::make(host, port);
}

bool same_host(const TargetAddress& a, const TargetAddress& b) {
  if (a.is_domain() != b.is_domain()) return false;
  if (!a.is_domain()) return a.ip() == b.ip();
  return is_same_word(a.domain(), b.domain());
}

}  // namespace

std::string HttpTarget::origin_form() const {
  std::string form;
  if (path.empty() || path.front() != '/') form += '/';
  return form.append(path);
}

HttpTargetResult parse_absolute(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return HttpTargetFault::malformed;
  if (!is_same_word(text.substr(0, scheme + 3), kScheme)) return HttpTargetFault::scheme;
  text.remove_prefix(kScheme.size());
  text = text.substr(0, text.find('#'));
  HttpTarget target;
  target.authority = text.substr(0, text.find_first_of("/?"));
  target.path = text.substr(target.authority.size());
  std::optional<TargetAddress> address = parse_authority(target.authority, kHttpPort);
  if (!address) return HttpTargetFault::malformed;
  target.address = *std::move(address);
  return target;
}

HttpTargetResult parse_connect_target(std::string_view text) {
  std::optional<TargetAddress> address = parse_authority(text, 0);
  if (!address) return HttpTargetFault::malformed;
  return HttpTarget{*std::move(address), text, {}};
}

bool names(std::string_view host_field, const TargetAddress& address) {
  const std::optional<TargetAddress> named = parse_authority(host_field, kHttpPort);
  return named && named->port() == address.port() && same_host(*named, address);
}

}  // namespace ss::local
