// Input: the bytes at the front of a stream that should hold an address (SOCKS5, SIP004, SIP022).
#include <cstdlib>

#include "ss/protocol/address_codec.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ss::protocol;
  const ss::ConstBytes bytes(data, size);
  const auto parsed = parse_address(bytes);
  if (parsed.needs_more()) {
    require(parsed.need() >= 1 && size + parsed.need() <= kMaxAddressLength);
    return 0;
  }
  if (parsed.failed()) {
    // More bytes never heal what was refused.
    ss::ByteVector longer(bytes.begin(), bytes.end());
    longer.resize(size + kMaxAddressLength, 1);
    const auto again = parse_address(longer);
    require(again.failed() && again.error() == parsed.error());
    return 0;
  }

  const auto& [address, length] = parsed.value();
  require(length <= size && length <= kMaxAddressLength);
  require(parse_address(bytes.first(length - 1)).needs_more());
  require(!address.to_string().empty());
  ss::ByteVector written(address_length(address));
  require(put_address(address, written) == written.size());
  const auto round = parse_address(written);
  require(round.ready() && round.value().address == address && round.value().length == written.size());
  // A name that spells an address is written as that address, in fewer or other bytes; everything else as it came.
  if (data[0] != 3 || address.is_domain()) require(ss::text_of(written) == ss::text_of(bytes.first(length)));
  return 0;
}
