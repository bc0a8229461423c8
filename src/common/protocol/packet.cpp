#include "ss/protocol/packet.hpp"

#include <algorithm>
#include <utility>

#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/identity.hpp"
#include "ss/protocol/packet2022.hpp"

namespace ss::protocol {

using cipher::Family;
using cipher::kTagLength;

std::size_t max_packet_overhead(const cipher::Method& method, std::size_t identity_keys) {
  if (method.family == Family::plain) return kMaxAddressLength;
  const std::size_t sealed = kMaxAddressLength + kTagLength;
  if (method.family == Family::aead2017) return method.salt_length() + sealed;

  // Only client packets carry identity headers, and only server packets the client's session ID.
  const std::size_t headers = std::max(MainHeader::length(HeaderType::request) + identity_keys * kIdentityHeader,
                                       MainHeader::length(HeaderType::response));
  const std::size_t nonce = method.identity_headers ? 0 : kPacketNonce;
  return nonce + SeparateHeader::kLength + headers + kMaxPadding + sealed;
}

Result<PacketContent> parse_addressed(Bytes addressed) {
  Parsed<ParsedAddress> address = parse_address(addressed);
  if (address.failed()) return address.error();
  if (address.needs_more()) return Errc::truncated;
  return PacketContent{std::move(address.value().address), addressed, addressed.subspan(address.value().length), 0};
}

}  // namespace ss::protocol
