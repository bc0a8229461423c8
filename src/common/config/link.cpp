#include "ss/config/link.hpp"

#include <optional>

#include "ss/cipher/base64.hpp"
#include "ss/config/key_check.hpp"
#include "ss/config/values.hpp"

namespace ss::config {
namespace {

constexpr std::string_view kForm = "the form is ss://USER@HOST:PORT#NAME";
constexpr std::uint16_t kCustomaryPort = 8388;
constexpr std::size_t kLongestLink = 16'384;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// @return nothing where a `%` is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 0x0F];
  }
  return out;
}

std::optional<std::string> base64_text(std::string_view text) {
  Result<ByteVector> bytes = cipher::base64_decode(text, cipher::Alphabet::any);
  if (!bytes) return std::nullopt;
  std::string out(text_of(*bytes));
  wipe(*bytes);
  return out;
}

bool is_scheme(std::string_view text) {
  return text.size() >= 5 && (text[0] | 0x20) == 's' && (text[1] | 0x20) == 's' && text.substr(2, 3) == "://";
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : (lead & 0xF0) == 0xE0       ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

/// The parts of a link with method and password decoded, not yet judged.
struct Parts {
  std::string method;
  std::string password;
  std::string host_port;
  std::string query;
};

std::variant<Parts, LinkProblem> split_legacy(std::string_view body) {
  const std::optional<std::string> text = base64_text(body);
  const std::size_t at = text ? text->rfind('@') : std::string::npos;
  if (at == std::string::npos)
    return LinkProblem{"user part", "there is none, and the whole is not base64 of one either", std::string(kForm)};
  const std::size_t colon = text->find(':');
  if (colon > at) return LinkProblem{"user part", "it is not METHOD:PASSWORD in base64", std::string(kForm)};
  return Parts{text->substr(0, colon), text->substr(colon + 1, at - colon - 1), text->substr(at + 1), {}};
}

std::variant<Parts, LinkProblem> split_sip002(std::string_view user, std::string_view rest) {
  const LinkProblem unreadable{"user part", "it is neither base64 nor METHOD:PASSWORD", std::string(kForm)};
  Parts parts;
  std::optional<std::string> method, password;
  if (const std::size_t colon = user.find(':'); colon != std::string_view::npos) {
    method = percent_decoded(user.substr(0, colon));
    password = percent_decoded(user.substr(colon + 1));
  } else if (const std::optional<std::string> plain = percent_decoded(user)) {
    const std::optional<std::string> text = base64_text(*plain);
    const std::size_t inner = text ? text->find(':') : std::string::npos;
    if (inner == std::string::npos) return unreadable;
    method = text->substr(0, inner);
    password = text->substr(inner + 1);
  }
  if (!method || !password || method->empty()) return unreadable;
  const std::size_t query = rest.find('?');
  std::string_view host_port = rest.substr(0, query);
  if (host_port.ends_with('/')) host_port.remove_suffix(1);
  return Parts{*std::move(method), *std::move(password), std::string(host_port),
               query == std::string_view::npos ? std::string() : std::string(rest.substr(query + 1))};
}

std::variant<TargetAddress, LinkProblem> parse_server(std::string_view text) {
  // The host ends at its last colon, or at its bracket.
  const std::size_t colon = text.ends_with(']') ? std::string_view::npos : text.rfind(':');
  const std::string_view host = text.substr(0, colon);
  if (host.empty()) return LinkProblem{"host", "it is missing", std::string(kForm)};
  std::uint16_t port = kCustomaryPort;
  if (colon != std::string_view::npos) {
    const std::optional<std::uint16_t> written = parse_port(text.substr(colon + 1));
    if (!written) return LinkProblem{"port", "it is not a port", "write a number from 1 to 65535"};
    port = *written;
  }
  const std::optional<HostPort> checked = parse_host_port(host);
  if (!checked || checked->port || (host.front() != '[' && host.find(':') != std::string_view::npos)) {
    return LinkProblem{"host", "it is neither an address nor a name",
                       "write a name, an IPv4 address, or an IPv6 address in [ ]"};
  }
  return *TargetAddress::make(checked->host, port);
}

/// Takes `plugin` out of the query and passes over every other key. @return false where it is badly encoded.
bool read_query(std::string_view query, Link& link) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view field = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (!field.starts_with("plugin=")) continue;
    std::string encoded(field.substr(7));
    // Some programs write a query as forms are written.
    for (char& c : encoded) {
      if (c == '+') c = ' ';
    }
    const std::optional<std::string> value = percent_decoded(encoded);
    if (!value) return false;
    const std::size_t semicolon = value->find(';');
    link.plugin = value->substr(0, semicolon);
    // Options without a plugin are nobody's.
    const bool has_opts = semicolon != std::string::npos && !link.plugin.empty();
    link.plugin_opts = has_opts ? value->substr(semicolon + 1) : std::string();
  }
  return true;
}

/// A tag is a label for people: one that is no UTF-8 once decoded is kept as it stands, other bytes spelt as `%XX`.
std::string read_tag(std::string_view text) {
  std::optional<std::string> decoded = percent_decoded(text);
  if (decoded && is_utf8(*decoded)) return *std::move(decoded);
  std::string kept;
  for (const char c : text) kept += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : percent_encoded({&c, 1});
  return kept;
}

}  // namespace

std::variant<Link, LinkProblem> parse_link(std::string_view text) {
  if (!is_scheme(text)) return LinkProblem{"scheme", "a link begins with ss://", std::string(kForm)};
  if (text.size() > kLongestLink) return LinkProblem{"length", "the link is far too long", std::string(kForm)};
  text.remove_prefix(5);
  const std::size_t hash = text.find('#');
  const std::string_view tag = hash == std::string_view::npos ? std::string_view() : text.substr(hash + 1);
  const std::string_view body = text.substr(0, hash);
  if (body.empty()) return LinkProblem{"user part", "the link is empty", std::string(kForm)};

  // A password may hold an @ that was not encoded; the query may too, so only what stands before it counts.
  const std::size_t at = body.substr(0, body.find('?')).rfind('@');
  std::variant<Parts, LinkProblem> split =
      at == std::string_view::npos ? split_legacy(body) : split_sip002(body.substr(0, at), body.substr(at + 1));
  if (LinkProblem* const problem = std::get_if<LinkProblem>(&split)) return std::move(*problem);
  Parts& parts = std::get<Parts>(split);

  Link link;
  const std::variant<const cipher::Method*, Complaint> method = check_method(parts.method);
  if (const Complaint* const complaint = std::get_if<Complaint>(&method))
    return LinkProblem{"method", complaint->what, complaint->instead};
  link.method = std::get<const cipher::Method*>(method);
  const std::optional<Complaint> complaint = check_password(*link.method, parts.password, Programs::local);
  link.password = Secret(bytes_of(parts.password));
  wipe({reinterpret_cast<std::uint8_t*>(parts.password.data()), parts.password.size()});
  if (complaint) return LinkProblem{"password", complaint->what, complaint->instead};

  std::variant<TargetAddress, LinkProblem> server = parse_server(parts.host_port);
  if (LinkProblem* const problem = std::get_if<LinkProblem>(&server)) return std::move(*problem);
  link.server = std::get<TargetAddress>(std::move(server));
  if (!read_query(parts.query, link)) return LinkProblem{"plugin", "its %XX encoding is broken", "write each % as %25"};
  link.tag = read_tag(tag);
  return link;
}

std::string format_link(const Link& link) {
  const std::string_view password = text_of(link.password.reveal());
  std::string out = "ss://";
  if (link.method->is_2022()) {
    out += percent_encoded(link.method->name) + ':' + percent_encoded(password);
  } else {
    out += cipher::base64url(bytes_of(std::string(link.method->name) + ':' + std::string(password)));
  }
  out += '@' + link.server.to_string();
  if (!link.plugin.empty()) {
    out += "/?plugin=" + percent_encoded(link.plugin_opts.empty() ? link.plugin : link.plugin + ';' + link.plugin_opts);
  }
  if (!link.tag.empty()) out += '#' + percent_encoded(link.tag);
  return out;
}

Link make_link(const ServerConfig& config, const User* user, std::string_view host) {
  Link link;
  link.method = config.credentials.method;
  std::string password(text_of(config.credentials.password.reveal()));
  if (user) {
    const std::string_view own = text_of(user->password.reveal());
    password = link.method->is_2022() ? password + ':' + std::string(own) : std::string(own);
    link.tag = user->name;
  }
  link.password = Secret(bytes_of(password));
  wipe({reinterpret_cast<std::uint8_t*>(password.data()), password.size()});
  link.server = TargetAddress::make(host, config.listeners.front().address.port()).value_or(TargetAddress());
  return link;
}

}  // namespace ss::config
