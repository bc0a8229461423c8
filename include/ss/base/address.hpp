#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ss/base/bytes.hpp"

namespace ss {

/// An IPv4 or IPv6 address, in network byte order.
class IpAddress {
 public:
  using V4 = std::array<std::uint8_t, 4>;
  using V6 = std::array<std::uint8_t, 16>;

  IpAddress() : IpAddress(V4{}) {}
  explicit IpAddress(const V4& bytes) : size_(4) { std::memcpy(bytes_.data(), bytes.data(), 4); }
  explicit IpAddress(const V6& bytes) : bytes_(bytes), size_(16) {}

  /// Dotted quad or RFC 4291 text, without brackets, port, zone or leading zeros in a quad.
  static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const { return size_ == 4; }
  [[nodiscard]] bool is_v6() const { return size_ == 16; }
  [[nodiscard]] ConstBytes bytes() const { return ConstBytes(bytes_).first(size_); }
  /// RFC 5952 text.
  [[nodiscard]] std::string to_string() const;
  /// An IPv4-mapped IPv6 address as the IPv4 one inside; everything else unchanged.
  [[nodiscard]] IpAddress unmapped() const;
  /// An IPv4 address as the IPv4-mapped IPv6 one; an IPv6 address unchanged.
  [[nodiscard]] IpAddress mapped() const;

  // clang-tidy 14 takes the 0 that this is compared with for a null pointer.
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;  // NOLINT(modernize-use-nullptr)

 private:
  V6 bytes_{};
  std::uint8_t size_;
};

/// An address and a port: what sockets are bound and connected to.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  /// `1.2.3.4:80`, `[::1]:80`
  [[nodiscard]] std::string to_string() const;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;  // NOLINT(modernize-use-nullptr)
};

/// Where the user wants to go: an address or a domain name, and a port.
///
/// A name that spells an IP address is held as that address (`make` sees to it), so no rule can be passed by in another
/// spelling.
class TargetAddress {
 public:
  TargetAddress() = default;
  TargetAddress(IpAddress address, std::uint16_t port) : host_(address), port_(port) {}

  /// @return nothing where `host` is empty, over 255 bytes, or holds a NUL.
  static std::optional<TargetAddress> make(std::string_view host, std::uint16_t port);

  [[nodiscard]] bool is_domain() const { return std::holds_alternative<std::string>(host_); }
  /// @pre  is_domain()
  [[nodiscard]] const std::string& domain() const { return std::get<std::string>(host_); }
  /// @pre  !is_domain()
  [[nodiscard]] const IpAddress& ip() const { return std::get<IpAddress>(host_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// `example.com:80`, `1.2.3.4:80`, `[::1]:80`; bytes of a domain that are not printable ASCII come out as `\xHH`.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const TargetAddress&, const TargetAddress&) = default;

 private:
  std::variant<IpAddress, std::string> host_;
  std::uint16_t port_ = 0;
};

/// `10.0.0.0/8`, `fc00::/7`, or one address.
class Cidr {
 public:
  /// @pre  length <= 32 or 128 by family
  Cidr(IpAddress base, unsigned length) : base_(base), length_(length) {}
  /// Host bits may be set, as in ACL files.
  static std::optional<Cidr> parse(std::string_view text);
  /// Whether `address` lies inside; families never match each other.
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] std::string to_string() const;

 private:
  IpAddress base_;
  unsigned length_;
};

}  // namespace ss
