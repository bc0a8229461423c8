#include "ss/protocol/socks4.hpp"

#include <algorithm>
#include <optional>

namespace ss::protocol::socks4 {

namespace {

constexpr std::uint8_t kVersion = 4;
constexpr std::uint8_t kGranted = 0x5A;
constexpr std::uint8_t kRejected = 0x5B;
/// VN, CD, DSTPORT, DSTIP.
constexpr std::size_t kFixedLength = 8;
constexpr std::size_t kMaxText = 255;

/// The text at the front of `bytes`, up to its NUL, which is not part of it.
Parsed<ConstBytes> parse_text(ConstBytes bytes) {
  const auto end = std::find(bytes.begin(), bytes.end(), 0);
  const auto length = static_cast<std::size_t>(end - bytes.begin());
  if (length > kMaxText) return Errc::too_long;
  if (end == bytes.end()) return Need{1};
  return bytes.first(length);
}

}  // namespace

Parsed<Request> parse_request(ConstBytes bytes) {
  if (bytes.empty()) return Need{1};
  if (bytes[0] != kVersion) return Errc::bad_version;
  if (bytes.size() < 2) return Need{1};
  const auto command = static_cast<Command>(bytes[1]);
  if (command != Command::connect && command != Command::bind) return Errc::unknown_command;
  if (bytes.size() < kFixedLength) return Need{kFixedLength - bytes.size()};

  const bool connects = command == Command::connect;
  const std::uint16_t port = get_u16be(bytes.data() + 2);
  if (connects && port == 0) return Errc::bad_port;
  IpAddress::V4 address;
  std::copy_n(bytes.begin() + 4, address.size(), address.begin());
  if (connects && address == IpAddress::V4{}) return Errc::bad_address_type;

  const Parsed<ConstBytes> user = parse_text(bytes.subspan(kFixedLength));
  if (user.needs_more()) return Need{user.need()};
  if (user.failed()) return user.error();
  const std::size_t length = kFixedLength + user.value().size() + 1;
  const bool named = address[0] == 0 && address[1] == 0 && address[2] == 0 && address[3] != 0;
  if (!named) return Request{command, {IpAddress(address), port}, length};

  const Parsed<ConstBytes> name = parse_text(bytes.subspan(length));
  if (name.needs_more()) return Need{name.need()};
  if (name.failed()) return name.error();
  std::optional<TargetAddress> target = TargetAddress::make(text_of(name.value()), port);
  if (!target) return Errc::bad_domain;
  return Request{command, *std::move(target), length + name.value().size() + 1};
}

std::size_t put_reply(bool granted, Bytes out) {
  return ByteWriter(out).u8(0).u8(granted ? kGranted : kRejected).u16be(0).u32be(0).size();
}

}  // namespace ss::protocol::socks4
