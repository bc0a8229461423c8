#include "ss/protocol/pair/operation.hpp"

namespace ss::protocol::pair {
namespace {

constexpr std::uint16_t kFirstPort = 0x5300;
constexpr std::uint8_t kVersion = 1;

const IpAddress& reserved_address() {
  static const IpAddress address(IpAddress::V4{255, 255, 255, 255});
  return address;
}

}  // namespace

bool is_reserved(const TargetAddress& target) {
  return !target.is_domain() && target.ip().unmapped() == reserved_address() && (target.port() & 0xFF00) == kFirstPort;
}

std::optional<Operation> operation_of(const TargetAddress& target) {
  if (!is_reserved(target) || !target.ip().is_v4()) return std::nullopt;
  const auto number = static_cast<std::uint8_t>(target.port());
  if (number > static_cast<std::uint8_t>(Operation::status)) return std::nullopt;
  return static_cast<Operation>(number);
}

TargetAddress target_of(Operation operation) {
  return {reserved_address(), static_cast<std::uint16_t>(kFirstPort | static_cast<std::uint16_t>(operation))};
}

std::size_t put_hello(const Hello& hello, Bytes out) {
  return ByteWriter(out).u8(kVersion).u16be(hello.operations).u64be(hello.time).size();
}

Result<Hello> parse_hello(ConstBytes bytes) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return Errc::bad_version;
  Hello hello;
  hello.operations = reader.u16be();
  hello.time = reader.u64be();
  SS_ASSERT(reader.ok());
  return hello;
}

std::size_t put_status(const Status& status, Bytes out) {
  const unsigned flags = (status.has_quota ? 1U : 0U) | (status.has_expiry ? 2U : 0U) | (status.has_notice ? 4U : 0U);
  return ByteWriter(out).u8(kVersion).u8(static_cast<std::uint8_t>(flags)).size();
}

Result<Status> parse_status(ConstBytes bytes) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return Errc::bad_version;
  const unsigned flags = reader.u8();
  SS_ASSERT(reader.ok());
  return Status{(flags & 1U) != 0, (flags & 2U) != 0, (flags & 4U) != 0};
}

}  // namespace ss::protocol::pair
