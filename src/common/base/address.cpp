#include "ss/base/address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace ss {

namespace {

/// Longest text of an address that `inet_pton` takes: eight groups with a dotted quad at the end.
constexpr std::size_t kMaxText = 45;

std::string text_of_v4(const std::uint8_t* bytes) {
  std::string text;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) text += '.';
    text += std::to_string(bytes[i]);
  }
  return text;
}

std::string hex_of_group(std::uint16_t group) {
  char digits[4];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, group, 16);
  return {digits, end};
}

struct ZeroRun {
  std::size_t first = 8;
  std::size_t length = 0;
};

/// The run of zero groups that RFC 5952 section 4.2 shortens: the first of the longest ones, two groups at least.
ZeroRun longest_zero_run(const std::array<std::uint16_t, 8>& groups, std::size_t count) {
  ZeroRun best;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t end = i;
    while (end < count && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
    if (end > i) i = end - 1;
  }
  return best;
}

bool is_mapped(ConstBytes bytes) {
  static constexpr std::uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return bytes.size() == 16 && std::memcmp(bytes.data(), kPrefix, sizeof kPrefix) == 0;
}

// Our own, because C libraries differ in the cases that RFC 5952 leaves to taste (`::1.2.3.4` against `::102:304`).
std::string text_of_v6(ConstBytes bytes) {
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = get_u16be(bytes.data() + 2 * i);
  const bool mapped = is_mapped(bytes);
  const std::size_t count = mapped ? 6 : 8;
  const ZeroRun run = longest_zero_run(groups, count);

  std::string text;
  for (std::size_t i = 0; i < count;) {
    if (i == run.first) {
      text += "::";
      i += run.length;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += hex_of_group(groups[i++]);
  }
  if (mapped) text += ':' + text_of_v4(bytes.data() + 12);
  return text;
}

std::string escaped(std::string_view name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    // The backslash too, or a name could spell the escape of another one.
    if (byte > 0x20 && byte < 0x7f && c != '\\') {
      text += c;
    } else {
      text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

bool equal_bits(ConstBytes a, ConstBytes b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  // inet_pton stops at the first NUL, so what stands behind one would go unseen.
  if (text.empty() || text.size() > kMaxText || text.find('\0') != std::string_view::npos) return std::nullopt;
  char terminated[kMaxText + 1] = {};
  std::memcpy(terminated, text.data(), text.size());
  if (V4 v4; inet_pton(AF_INET, terminated, v4.data()) == 1) return IpAddress(v4);
  if (V6 v6; inet_pton(AF_INET6, terminated, v6.data()) == 1) return IpAddress(v6);
  return std::nullopt;
}

std::string IpAddress::to_string() const {
  return is_v4() ? text_of_v4(bytes_.data()) : text_of_v6(bytes());
}

IpAddress IpAddress::unmapped() const {
  if (!is_mapped(bytes())) return *this;
  return IpAddress(V4{bytes_[12], bytes_[13], bytes_[14], bytes_[15]});
}

IpAddress IpAddress::mapped() const {
  if (is_v6()) return *this;
  return IpAddress(V6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, bytes_[0], bytes_[1], bytes_[2], bytes_[3]});
}

std::string Endpoint::to_string() const {
  const std::string host = address.is_v6() ? '[' + address.to_string() + ']' : address.to_string();
  return host + ':' + std::to_string(port);
}

std::optional<TargetAddress> TargetAddress::make(std::string_view host, std::uint16_t port) {
  if (host.empty() || host.size() > 255 || host.find('\0') != std::string_view::npos) return std::nullopt;
  if (const auto address = IpAddress::parse(host)) return TargetAddress(*address, port);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    const auto address = IpAddress::parse(host.substr(1, host.size() - 2));
    if (address && address->is_v6()) return TargetAddress(*address, port);
  }
  TargetAddress target;
  target.host_ = std::string(host);
  target.port_ = port;
  return target;
}

std::string TargetAddress::to_string() const {
  if (!is_domain()) return Endpoint{ip(), port_}.to_string();
  return escaped(domain()) + ':' + std::to_string(port_);
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  const unsigned longest = base->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return Cidr(*base, longest);

  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc() || end != digits.data() + digits.size() || length > longest) return std::nullopt;
  return Cidr(*base, length);
}

bool Cidr::contains(const IpAddress& address) const {
  return address.is_v4() == base_.is_v4() && equal_bits(address.bytes(), base_.bytes(), length_);
}

std::string Cidr::to_string() const {
  if (length_ == base_.bytes().size() * 8) return base_.to_string();
  return base_.to_string() + '/' + std::to_string(length_);
}

}  // namespace ss
