#include "ss/protocol/header2022.hpp"

#include <algorithm>
#include <limits>

#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/uot.hpp"

namespace ss::protocol {
namespace {

bool is_type(std::uint8_t byte, HeaderType type) {
  return byte == static_cast<std::uint8_t>(type);
}

}  // namespace

bool is_timely(UnixSeconds theirs, UnixSeconds ours) {
  // In unsigned arithmetic and larger minus smaller, so that 2^63 and 2^64-1 are as far away as they look.
  return std::max(theirs, ours) - std::min(theirs, ours) <= kMaxClockDifference;
}

std::int64_t clock_offset(UnixSeconds theirs, UnixSeconds ours) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const UnixSeconds distance = std::min<UnixSeconds>(std::max(theirs, ours) - std::min(theirs, ours), kMost);
  return theirs >= ours ? static_cast<std::int64_t>(distance) : -static_cast<std::int64_t>(distance);
}

void put_fixed_header(const FixedHeader& header, Bytes out) {
  ByteWriter(out)
      .u8(static_cast<std::uint8_t>(HeaderType::request))
      .u64be(header.timestamp)
      .u16be(header.variable_length);
}

Result<FixedHeader> parse_fixed_header(ConstBytes bytes) {
  ByteReader reader(bytes);
  if (!is_type(reader.u8(), HeaderType::request)) return Errc::bad_header_type;
  FixedHeader header;
  header.timestamp = reader.u64be();
  header.variable_length = reader.u16be();
  SS_ASSERT(reader.ok());
  return header;
}

std::size_t variable_header_length(const TargetAddress& target, std::size_t padding, std::size_t payload) {
  return address_length(target) + 2 + padding + payload;
}

Bytes put_variable_header(const TargetAddress& target, std::size_t padding, ConstBytes payload, Bytes out) {
  const std::size_t address = put_address(target, out);
  put_u16be(out.subspan(address, 2).data(), static_cast<std::uint16_t>(padding));
  std::copy(payload.begin(), payload.end(), out.subspan(address + 2 + padding, payload.size()).begin());
  return out.subspan(address + 2, padding);
}

Result<VariableHeader> parse_variable_header(ConstBytes bytes) {
  Parsed<ParsedAddress> address = parse_address(bytes);
  if (address.failed()) return address.error();
  if (address.needs_more()) return Errc::truncated;
  if (!uot::can_be_asked_for(address.value().address)) return Errc::bad_port;

  ByteReader reader(bytes.subspan(address.value().length));
  const std::uint16_t padding = reader.u16be();
  reader.take(padding);
  if (!reader.ok() || (padding == 0 && reader.rest().empty())) return Errc::bad_padding;
  return VariableHeader{std::move(address.value().address), reader.rest()};
}

void put_response_header(const ResponseHeader& header, Bytes out) {
  ByteWriter(out)
      .u8(static_cast<std::uint8_t>(HeaderType::response))
      .u64be(header.timestamp)
      .bytes(header.request_salt)
      .u16be(header.payload_length);
}

Result<ResponseHeader> parse_response_header(ConstBytes bytes) {
  ByteReader reader(bytes);
  if (!is_type(reader.u8(), HeaderType::response)) return Errc::bad_header_type;
  ResponseHeader header;
  header.timestamp = reader.u64be();
  header.request_salt = reader.take(bytes.size() - ResponseHeader::length(0));
  header.payload_length = reader.u16be();
  SS_ASSERT(reader.ok());
  return header;
}

}  // namespace ss::protocol
