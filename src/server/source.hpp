#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ss/base/address.hpp"
#include "ss/cipher/siphash.hpp"

namespace ss::server {

/// Where a connection comes from, as far as limits go: an IPv4 address, or the first 64 bits of an IPv6 one, since
/// whoever has one address of a /64 has them all.
class Source {
 public:
  explicit Source(const IpAddress& address);

  [[nodiscard]] bool is_loopback() const { return loopback_; }
  friend bool operator==(const Source&, const Source&) = default;

 private:
  friend struct SourceHash;
  std::array<std::uint8_t, 8> prefix_{};
  bool v6_ = false;
  bool loopback_ = false;
};

/// SipHash under a key of the process's own, for anybody chooses an address out of a /64 or many of them.
struct SourceHash {
  std::array<std::uint8_t, cipher::kSipHashKey> key{};

  std::size_t operator()(const Source& source) const noexcept;
};

}  // namespace ss::server
