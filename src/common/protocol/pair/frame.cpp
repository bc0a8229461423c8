#include "ss/protocol/pair/frame.hpp"

#include "ss/protocol/address_codec.hpp"

namespace ss::protocol::pair {
namespace {

constexpr std::uint8_t kDialling = 1 << 0;
constexpr std::uint8_t kLastReply = static_cast<std::uint8_t>(socks5::Reply::address_type_not_supported);
constexpr std::uint8_t kDomainType = 3;
/// What stands in front of the address.
constexpr std::size_t kHead = 2;

}  // namespace

std::size_t put_frame(const Frame& frame, Entropy& entropy, Bytes out) {
  ByteWriter head(out);
  head.u8(static_cast<std::uint8_t>(frame.reply)).u8(frame.dialling ? kDialling : 0);
  const std::size_t address = put_address({frame.bound.address, frame.bound.port}, out.subspan(head.size()));
  const std::uint32_t padding = entropy.uniform(0, kMaxFramePadding);
  const Bytes tail = out.subspan(head.size() + address);
  put_u16be(tail.data(), static_cast<std::uint16_t>(padding));
  entropy.fill(tail.subspan(2, padding));
  return head.size() + address + 2 + padding;
}

Parsed<ParsedFrame> parse_frame(ConstBytes bytes) {
  if (bytes.empty()) return Need{1};
  if (bytes[0] > kLastReply) return Errc::bad_frame;
  if (bytes.size() < kHead) return Need{1};
  if ((bytes[1] & ~kDialling) != 0) return Errc::bad_frame;

  // Sockets are bound to no name.
  if (bytes.size() > kHead && bytes[kHead] == kDomainType) return Errc::bad_address_type;
  const Parsed<ParsedAddress> address = parse_address(bytes.subspan(kHead));
  if (address.failed()) return address.error();
  if (address.needs_more()) return Need{address.need() + 2};
  const TargetAddress& bound = address.value().address;

  const std::size_t padding_at = kHead + address.value().length + 2;
  if (bytes.size() < padding_at) return Need{padding_at - bytes.size()};
  const std::size_t padding = get_u16be(bytes.data() + padding_at - 2);
  if (padding > kMaxFramePadding) return Errc::bad_padding;
  const std::size_t length = padding_at + padding;
  if (bytes.size() < length) return Need{length - bytes.size()};
  return ParsedFrame{{static_cast<socks5::Reply>(bytes[0]), (bytes[1] & kDialling) != 0, {bound.ip(), bound.port()}},
                     length};
}

}  // namespace ss::protocol::pair
