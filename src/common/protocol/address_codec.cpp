#include "ss/protocol/address_codec.hpp"

#include <algorithm>

namespace ss::protocol {

namespace {

struct Types {
  std::uint8_t v4;
  std::uint8_t domain;
  std::uint8_t v6;
};

constexpr Types types_of(AddressForm form) {
  return form == AddressForm::socks ? Types{.v4 = 1, .domain = 3, .v6 = 4} : Types{.v4 = 0, .domain = 2, .v6 = 1};
}

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

Parsed<ParsedAddress> parse_address(ConstBytes bytes, AddressForm form) {
  if (bytes.empty()) return Need{1};
  const Types types = types_of(form);
  if (bytes[0] == types.v4) return parse_ip<IpAddress::V4>(bytes);
  if (bytes[0] == types.domain) return parse_domain(bytes);
  if (bytes[0] == types.v6) return parse_ip<IpAddress::V6>(bytes);
  return Errc::bad_address_type;
}

std::size_t address_length(const TargetAddress& address) {
  return address.is_domain() ? 2 + address.domain().size() + 2 : 1 + address.ip().bytes().size() + 2;
}

std::size_t put_address(const TargetAddress& address, Bytes out, AddressForm form) {
  const Types types = types_of(form);
  ByteWriter writer(out);
  if (address.is_domain()) {
    // TargetAddress::make lets no name over 255 bytes in.
    writer.u8(types.domain).u8(static_cast<std::uint8_t>(address.domain().size())).bytes(bytes_of(address.domain()));
  } else {
    writer.u8(address.ip().is_v4() ? types.v4 : types.v6).bytes(address.ip().bytes());
  }
  return writer.u16be(address.port()).size();
}

}  // namespace ss::protocol
