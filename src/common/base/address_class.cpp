#include "ss/base/address_class.hpp"

#include <algorithm>

namespace ss {

namespace {

using enum AddressClass;

struct Range {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
  AddressClass kind;
};

constexpr Range kV4[] = {
    {{0}, 8, unspecified},
    {{10}, 8, private_use},
    {{100, 64}, 10, private_use},
    {{127}, 8, loopback},
    {{169, 254}, 16, link_local},
    {{172, 16}, 12, private_use},
    {{168, 63, 129, 16}, 32, link_local},  // one cloud's metadata service, on a public address
    {{192, 0, 0}, 24, reserved},           // IETF protocol assignments
    {{192, 0, 2}, 24, reserved},           // documentation
    {{192, 88, 99}, 24, reserved},         // 6to4 relay anycast, withdrawn
    {{192, 168}, 16, private_use},
    {{198, 18}, 15, reserved},       // benchmarking
    {{198, 51, 100}, 24, reserved},  // documentation
    {{203, 0, 113}, 24, reserved},   // documentation
    {{224}, 4, multicast},
    {{240}, 4, reserved},
};

constexpr Range kV6[] = {
    {{}, 128, unspecified},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, loopback},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, private_use},  // NAT64 of the local network
    {{0x01, 0x00}, 64, reserved},                             // discard-only
    {{0x20, 0x01, 0x00, 0x02}, 48, reserved},                 // benchmarking
    {{0x20, 0x01, 0x00, 0x10}, 28, reserved},                 // ORCHID, withdrawn
    {{0x20, 0x01, 0x00, 0x20}, 28, reserved},                 // ORCHIDv2: identifiers, not addresses
    {{0x20, 0x01, 0x0d, 0xb8}, 32, reserved},                 // documentation
    {{0x3f, 0xff}, 20, reserved},                             // documentation
    {{0x5f, 0x00}, 16, reserved},                             // segment routing inside one network
    {{0xfc}, 7, private_use},
    {{0xfe, 0x80}, 10, link_local},
    {{0xfe, 0xc0}, 10, private_use},
    {{0xff}, 8, multicast},
};

/// An IPv6 range whose addresses hold an IPv4 one, `at` bytes in.
struct Embedding {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
  std::size_t at;
};

constexpr Embedding kEmbeddings[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12},  // mapped
    {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12},        // translated
    {{}, 96, 12},                                          // compatible
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12},                    // NAT64
    {{0x20, 0x02}, 16, 2},                                 // 6to4
};
constexpr std::uint8_t kTeredo[4] = {0x20, 0x01, 0x00, 0x00};

bool starts_with(ConstBytes bytes, const std::array<std::uint8_t, 16>& prefix, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(prefix.begin(), prefix.begin() + whole, bytes.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((bytes[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

template <std::size_t N>
AddressClass find_class(ConstBytes bytes, const Range (&ranges)[N]) {
  const auto* found = std::find_if(std::begin(ranges), std::end(ranges),
                                   [&](const Range& range) { return starts_with(bytes, range.prefix, range.bits); });
  return found == std::end(ranges) ? global : found->kind;
}

AddressClass classify_v4(ConstBytes bytes) {
  return find_class(bytes.first(4), kV4);
}

/// RFC 4380 section 4: the server's address stands open behind the prefix, the client's inverted at the end. Packets go
/// to the client and may pass the server, so both must be public.
AddressClass classify_teredo(ConstBytes bytes) {
  std::array<std::uint8_t, 4> client{};
  for (std::size_t i = 0; i < client.size(); ++i) client[i] = static_cast<std::uint8_t>(~bytes[12 + i]);
  const AddressClass of_client = classify_v4(client);
  return of_client != global ? of_client : classify_v4(bytes.subspan(4, 4));
}

}  // namespace

AddressClass classify(const IpAddress& address) {
  const ConstBytes bytes = address.bytes();
  if (address.is_v4()) return classify_v4(bytes);
  // First the ranges of IPv6 itself: :: and ::1 would else be taken for compatible addresses.
  const AddressClass own = find_class(bytes, kV6);
  if (own != global) return own;
  if (std::equal(std::begin(kTeredo), std::end(kTeredo), bytes.begin())) return classify_teredo(bytes);
  for (const Embedding& embedding : kEmbeddings) {
    if (starts_with(bytes, embedding.prefix, embedding.bits)) return classify_v4(bytes.subspan(embedding.at, 4));
  }
  return global;
}

IpAddress reached_by(const IpAddress& address) {
  const ConstBytes bytes = address.bytes();
  if (address.is_v4() || find_class(bytes, kV6) != global) return address;
  IpAddress::V4 inside{};
  if (std::equal(std::begin(kTeredo), std::end(kTeredo), bytes.begin())) {
    for (std::size_t i = 0; i < inside.size(); ++i) inside[i] = static_cast<std::uint8_t>(~bytes[12 + i]);
    return IpAddress(inside);
  }
  for (const Embedding& embedding : kEmbeddings) {
    if (!starts_with(bytes, embedding.prefix, embedding.bits)) continue;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(embedding.at), inside.size(), inside.begin());
    return IpAddress(inside);
  }
  return address;
}

std::string_view name_of(AddressClass c) {
  switch (c) {
    case global:
      return "global";
    case unspecified:
      return "unspecified";
    case loopback:
      return "loopback";
    case private_use:
      return "private";
    case link_local:
      return "link-local";
    case multicast:
      return "multicast";
    case reserved:
      return "reserved";
  }
  return "unknown";
}

}  // namespace ss
