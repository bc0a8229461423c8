// Input: what a SOCKS5 client sends from its first byte on: greeting, RFC 1929 request where it offers that, request,
// payload.
#include <cstdlib>

#include "ss/protocol/socks5.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// Parses the front of `rest`, checks what every parser promises, and moves on behind it.
template <class T>
bool step(ss::protocol::Parsed<T> (*parse)(ss::ConstBytes), ss::ConstBytes& rest, T& value) {
  const auto parsed = parse(rest);
  if (parsed.needs_more()) require(parsed.need() >= 1 && parsed.need() <= 2 + 255 + 1 + 255);
  if (!parsed.ready()) return false;
  value = parsed.value();
  require(value.length >= 1 && value.length <= rest.size());
  // Whole at exactly this length, and not one byte before.
  require(parse(rest.first(value.length)).ready());
  require(parse(rest.first(value.length - 1)).needs_more());
  rest = rest.subspan(value.length);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ss::protocol::socks5;
  ss::ConstBytes rest(data, size);

  Greeting greeting;
  if (!step(parse_greeting, rest, greeting)) return 0;
  if (greeting.offers_password) {
    PasswordRequest request;
    if (!step(parse_password_request, rest, request)) return 0;
    require(request.username.size() <= 255 && request.password.size() <= 255);
    require(request.length == 3 + request.username.size() + request.password.size());
  }

  const auto parsed = parse_request(rest);
  if (parsed.failed()) {
    ss::ByteVector reply(kMaxReply);
    require(put_reply(reply_for(parsed.error()), {}, reply) == 10 && reply[1] != 0);
    return 0;
  }
  Request request;
  if (!step(parse_request, rest, request)) return 0;
  require(request.command >= 1 && request.command <= 3);
  require(request.command != 1 || request.target.port() != 0);
  require(request.target.is_domain() || !request.target.ip().to_string().empty());
  return 0;
}
