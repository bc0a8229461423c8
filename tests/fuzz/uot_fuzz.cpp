// Input: [version u8: odd 1, even 2][what a client sends in a UDP-over-TCP stream of that version].
#include <cstdlib>

#include "ss/protocol/packet.hpp"
#include "ss/protocol/uot.hpp"

namespace {

using namespace ss::protocol;
using namespace ss::protocol::uot;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Parses the front of `rest`, checks what every parser promises, and moves on behind it.
template <class T, class Parse>
bool step(const Parse& parse, ss::ConstBytes& rest, std::size_t most, T& value) {
  const auto parsed = parse(rest);
  if (parsed.needs_more()) require(parsed.need() >= 1 && rest.size() + parsed.need() <= most);
  if (!parsed.ready()) return false;
  value = parsed.value();
  require(value.length >= 1 && value.length <= rest.size() && value.length <= most);
  // Whole at exactly this length, and not one byte before.
  require(parse(rest.first(value.length)).ready());
  require(parse(rest.first(value.length - 1)).needs_more());
  rest = rest.subspan(value.length);
  return true;
}

void check(const Frame& frame, Framing framing) {
  require(frame.address.has_value() == (framing == Framing::addressed));
  const bool to_port_zero = frame.address && frame.address->port() == 0;
  require(frame.sendable == (frame.payload.size() <= kMaxDatagram && !to_port_zero));

  ss::ByteVector written(kMaxFrameHeader);
  written.resize(frame.address ? put_frame_header(*frame.address, frame.payload.size(), written)
                               : put_frame_header(frame.payload.size(), written));
  written.insert(written.end(), frame.payload.begin(), frame.payload.end());
  const auto round = parse_frame(written, framing);
  require(round.ready() && round.value().length == written.size() && round.value().address == frame.address);
  require(ss::text_of(round.value().payload) == ss::text_of(frame.payload));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ss::ConstBytes rest(data + 1, size - 1);
  Framing framing = Framing::addressed;
  if (data[0] % 2 == 0) {
    Request request;
    if (!step(&parse_request, rest, kMaxRequest, request)) return 0;
    framing = request.framing;
    require(framing == Framing::addressed || request.address.port() != 0);
    ss::ByteVector written(kMaxRequest);
    written.resize(put_request(framing, request.address, written));
    const auto round = parse_request(written);
    require(round.ready() && round.value().framing == framing && round.value().address == request.address);
  }
  const auto parse = [framing](ss::ConstBytes bytes) { return parse_frame(bytes, framing); };
  Frame frame;
  while (step(parse, rest, kMaxFrame, frame)) check(frame, framing);
  return 0;
}
