#include "ss/protocol/uot.hpp"

#include "ss/protocol/packet.hpp"

namespace ss::protocol::uot {

std::optional<Version> version_of(const TargetAddress& target) {
  if (!target.is_domain()) return std::nullopt;
  if (target.domain() == kMagicV1) return Version::v1;
  if (target.domain() == kMagicV2) return Version::v2;
  return std::nullopt;
}

bool can_be_asked_for(const TargetAddress& target) {
  return target.port() != 0 || version_of(target).has_value();
}

TargetAddress magic_target(Version version) {
  return *TargetAddress::make(version == Version::v1 ? kMagicV1 : kMagicV2, 0);
}

Parsed<Request> parse_request(ConstBytes bytes) {
  if (bytes.empty()) return Need{1};
  const Framing framing = bytes[0] != 0 ? Framing::connected : Framing::addressed;
  Parsed<ParsedAddress> parsed = parse_address(bytes.subspan(1));
  if (parsed.failed()) return parsed.error();
  if (parsed.needs_more()) return Need{parsed.need()};
  auto& [address, length] = parsed.value();
  if (framing == Framing::connected && address.port() == 0) return Errc::bad_port;
  return Request{framing, std::move(address), 1 + length};
}

std::size_t put_request(Framing framing, const TargetAddress& address, Bytes out) {
  const std::size_t flag = ByteWriter(out).u8(framing == Framing::connected ? 1 : 0).size();
  return flag + put_address(address, out.subspan(flag));
}

Parsed<Frame> parse_frame(ConstBytes bytes, Framing framing) {
  Frame frame;
  if (framing == Framing::addressed) {
    Parsed<ParsedAddress> parsed = parse_address(bytes, AddressForm::uot);
    if (parsed.failed()) return parsed.error();
    if (parsed.needs_more()) return Need{parsed.need() + 2};
    frame.length = parsed.value().length;
    frame.sendable = parsed.value().address.port() != 0;
    frame.address = std::move(parsed.value().address);
  }
  const std::size_t header = frame.length + 2;
  if (bytes.size() < header) return Need{header - bytes.size()};
  const std::size_t payload = get_u16be(bytes.data() + frame.length);
  frame.length = header + payload;
  if (bytes.size() < frame.length) return Need{frame.length - bytes.size()};
  frame.payload = bytes.subspan(header, payload);
  frame.sendable = frame.sendable && payload <= kMaxDatagram;
  return frame;
}

std::size_t put_frame_header(const TargetAddress& address, std::size_t payload, Bytes out) {
  const std::size_t length = put_address(address, out, AddressForm::uot);
  return length + put_frame_header(payload, out.subspan(length));
}

std::size_t put_frame_header(std::size_t payload, Bytes out) {
  SS_ASSERT(payload <= 0xFFFF);
  return ByteWriter(out).u16be(static_cast<std::uint16_t>(payload)).size();
}

}  // namespace ss::protocol::uot
