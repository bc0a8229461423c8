// Input: what a SOCKS4 or SOCKS4A client sends from its first byte on: request, payload.
#include "fuzz_support.hpp"
#include "ss/protocol/socks4.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ss::protocol::socks4;
  using ss::fuzz::require;
  const ss::ConstBytes bytes(data, size);
  const auto parsed = parse_request(bytes);
  if (parsed.needs_more()) require(parsed.need() >= 1 && parsed.need() <= 8);
  if (!parsed.ready()) return 0;
  const Request& request = parsed.value();
  require(request.length >= 9 && request.length <= 8 + 256 + 256 && request.length <= size);
  // Whole at exactly this length, and not one byte before.
  require(parse_request(bytes.first(request.length)).ready());
  require(parse_request(bytes.first(request.length - 1)).needs_more());
  require(request.command == Command::bind || request.target.port() != 0);
  require(!request.target.to_string().empty());
  return 0;
}
