// Input: the payload of a marked response, from its frame on; its last 11 bytes, if it has as many, also as Hello and
// Status.
#include <cstdlib>

#include "ss/protocol/pair/frame.hpp"
#include "ss/protocol/pair/operation.hpp"

namespace {

using namespace ss::protocol;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Zeros, so that the padding of what is written again has no bytes to compare.
class NoEntropy final : public ss::Entropy {
 public:
  void fill(ss::Bytes out) override {
    for (std::uint8_t& byte : out) byte = 0;
  }
};

void check_round(const pair::Frame& frame) {
  NoEntropy entropy;
  ss::ByteVector written(pair::kMaxFrame);
  written.resize(pair::put_frame(frame, entropy, written));
  const auto round = pair::parse_frame(written);
  require(round.ready() && round.value().length == written.size());
  require(round.value().frame.reply == frame.reply && round.value().frame.dialling == frame.dialling &&
          round.value().frame.bound == frame.bound);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ss::ConstBytes rest(data, size);
  if (size >= pair::Hello::kLength) {
    static_cast<void>(pair::parse_hello(rest.last(pair::Hello::kLength)));
    static_cast<void>(pair::parse_status(rest.last(pair::Status::kLength)));
  }
  for (;;) {
    const auto parsed = pair::parse_frame(rest);
    if (parsed.needs_more()) require(parsed.need() >= 1 && rest.size() + parsed.need() <= pair::kMaxFrame);
    if (!parsed.ready()) return 0;
    const std::size_t length = parsed.value().length;
    require(length >= 1 && length <= rest.size() && length <= pair::kMaxFrame);
    // Whole at exactly this length, and not one byte before.
    require(pair::parse_frame(rest.first(length)).ready());
    require(pair::parse_frame(rest.first(length - 1)).needs_more());
    check_round(parsed.value().frame);
    rest = rest.subspan(length);
  }
}
