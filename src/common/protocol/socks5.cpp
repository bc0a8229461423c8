#include "ss/protocol/socks5.hpp"

#include <algorithm>

#include "ss/protocol/address_codec.hpp"

namespace ss::protocol::socks5 {

namespace {

constexpr std::uint8_t kVersion = 5;
/// RFC 1929's own version, of the sub-negotiation.
constexpr std::uint8_t kPasswordVersion = 1;

bool is_known(std::uint8_t command) {
  switch (static_cast<Command>(command)) {
    case Command::connect:
    case Command::bind:
    case Command::udp_associate:
      return true;
  }
  return false;
}

}  // namespace

Parsed<Greeting> parse_greeting(ConstBytes bytes) {
  if (bytes.empty()) return Need{1};
  if (bytes[0] != kVersion) return Errc::bad_version;
  if (bytes.size() < 2) return Need{1};
  const std::size_t length = 2 + std::size_t{bytes[1]};
  if (bytes.size() < length) return Need{length - bytes.size()};
  const ConstBytes methods = bytes.subspan(2, bytes[1]);
  const auto offers = [&](AuthMethod method) {
    return std::find(methods.begin(), methods.end(), static_cast<std::uint8_t>(method)) != methods.end();
  };
  return Greeting{offers(AuthMethod::none), offers(AuthMethod::password), length};
}

Parsed<PasswordRequest> parse_password_request(ConstBytes bytes) {
  if (bytes.empty()) return Need{1};
  if (bytes[0] != kPasswordVersion) return Errc::bad_version;
  if (bytes.size() < 2) return Need{1};
  const std::size_t password_at = 2 + std::size_t{bytes[1]} + 1;
  if (bytes.size() < password_at) return Need{password_at - bytes.size()};
  const std::size_t password_length = bytes[password_at - 1];
  const std::size_t length = password_at + password_length;
  if (bytes.size() < length) return Need{length - bytes.size()};
  return PasswordRequest{bytes.subspan(2, bytes[1]), bytes.subspan(password_at, password_length), length};
}

Parsed<Request> parse_request(ConstBytes bytes) {
  if (bytes.empty()) return Need{1};
  if (bytes[0] != kVersion) return Errc::bad_version;
  if (bytes.size() < 2) return Need{1};
  if (!is_known(bytes[1])) return Errc::unknown_command;
  if (bytes.size() < 4) return Need{4 - bytes.size()};

  auto address = parse_address(bytes.subspan(3));
  if (address.needs_more()) return Need{address.need()};
  if (address.failed()) return address.error();
  // BIND and UDP ASSOCIATE name a peer whose port may not be known yet.
  const bool connects = bytes[1] == static_cast<std::uint8_t>(Command::connect);
  if (connects && address.value().address.port() == 0) return Errc::bad_port;
  return Request{bytes[1], std::move(address.value().address), 3 + address.value().length};
}

Reply reply_for(Errc error) {
  switch (error) {
    case Errc::unknown_command:
      return Reply::command_not_supported;
    case Errc::bad_address_type:
      return Reply::address_type_not_supported;
    default:
      return Reply::general_failure;
  }
}

std::size_t put_method(AuthMethod method, Bytes out) {
  return ByteWriter(out).u8(kVersion).u8(static_cast<std::uint8_t>(method)).size();
}

std::size_t put_password_status(bool accepted, Bytes out) {
  return ByteWriter(out).u8(kPasswordVersion).u8(accepted ? 0 : 1).size();
}

std::size_t put_reply(Reply reply, const Endpoint& bound, Bytes out) {
  ByteWriter writer(out);
  writer.u8(kVersion).u8(static_cast<std::uint8_t>(reply)).u8(0);
  const Endpoint named = reply == Reply::succeeded ? bound : Endpoint{};
  return writer.size() + put_address(TargetAddress(named.address, named.port), out.subspan(writer.size()));
}

std::string_view describe(Reply reply) {
  switch (reply) {
    case Reply::succeeded:
      return "succeeded";
    case Reply::general_failure:
      return "general failure";
    case Reply::not_allowed:
      return "not allowed by ruleset";
    case Reply::network_unreachable:
      return "network unreachable";
    case Reply::host_unreachable:
      return "host unreachable";
    case Reply::connection_refused:
      return "connection refused";
    case Reply::ttl_expired:
      return "TTL expired";
    case Reply::command_not_supported:
      return "command not supported";
    case Reply::address_type_not_supported:
      return "address type not supported";
  }
  return "unknown reply";
}

}  // namespace ss::protocol::socks5
