#include "ss/protocol/address_codec.hpp"

#include <algorithm>

namespace ss::protocol {

namespace {

enum Type : std::uint8_t { kV4 = 1, kDomain = 3, kV6 = 4 };

template <class V>
Parsed<ParsedAddress> parse_ip(ConstBytes bytes) {
  V address;
  const std::size_t length = 1 + address.size() + 2;
  if (bytes.size() < length) return Need{length - bytes.size()};
  std::copy_n(bytes.begin() + 1, address.size(), address.begin());
  return ParsedAddress{{IpAddress(address), get_u16be(bytes.data() + 1 + address.size())}, length};
}

Parsed<ParsedAddress> parse_domain(ConstBytes bytes) {
  if (bytes.size() < 2) return Need{1};
  const std::size_t name_length = bytes[1];
  if (name_length == 0) return Errc::bad_domain;
  // Also in a name that is not whole yet: whoever sent a NUL has decided already.
  const ConstBytes name = bytes.subspan(2, std::min(name_length, bytes.size() - 2));
  if (std::find(name.begin(), name.end(), 0) != name.end()) return Errc::bad_domain;
  const std::size_t length = 2 + name_length + 2;
  if (bytes.size() < length) return Need{length - bytes.size()};

  auto address = TargetAddress::make(text_of(name), get_u16be(bytes.data() + 2 + name_length));
  if (!address) return Errc::bad_domain;
  return ParsedAddress{*std::move(address), length};
}

}  // namespace

Parsed<ParsedAddress> parse_address(ConstBytes bytes) {
  if (bytes.empty()) return Need{1};
  switch (bytes[0]) {
    case kV4:
      return parse_ip<IpAddress::V4>(bytes);
    case kDomain:
      return parse_domain(bytes);
    case kV6:
      return parse_ip<IpAddress::V6>(bytes);
    default:
      return Errc::bad_address_type;
  }
}

std::size_t address_length(const TargetAddress& address) {
  return address.is_domain() ? 2 + address.domain().size() + 2 : 1 + address.ip().bytes().size() + 2;
}

std::size_t put_address(const TargetAddress& address, Bytes out) {
  ByteWriter writer(out);
  if (address.is_domain()) {
    // TargetAddress::make lets no name over 255 bytes in.
    writer.u8(kDomain).u8(static_cast<std::uint8_t>(address.domain().size())).bytes(bytes_of(address.domain()));
  } else {
    writer.u8(address.ip().is_v4() ? kV4 : kV6).bytes(address.ip().bytes());
  }
  return writer.u16be(address.port()).size();
}

}  // namespace ss::protocol
