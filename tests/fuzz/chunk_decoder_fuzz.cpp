// Input: one byte that picks the method (mod the table, `none` too) and, in its top bit, whether to seal; two bytes
// u16be, how many wire bytes a feed brings; then, unsealed, the wire bytes behind a first flight; sealed, pairs of a
// length u16be and that many payload bytes (as many as are there), each sealed with the length it claims, so that the
// input reaches behind the tags.
#include <cstdlib>

#include "fuzz_support.hpp"
#include "ss/protocol/chunks.hpp"

namespace {

using namespace ss;
using namespace ss::protocol;

ByteVector seal_chunks(ConstBytes script, RecordKey& key) {
  ByteVector wire;
  while (script.size() >= 2) {
    const std::size_t length = std::min<std::size_t>(get_u16be(script.data()), script.size() - 2);
    fuzz::seal_record(script.first(2), key, wire);
    fuzz::seal_record(script.subspan(2, length), key, wire);
    script = script.subspan(2 + length);
  }
  return wire;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const cipher::Method& method = cipher::methods()[(data[0] & 0x7F) % cipher::methods().size()];
  const std::size_t step = std::max<std::size_t>(1, get_u16be(data + 1));
  const ConstBytes rest(data + 3, size - 3);
  if (method.family == cipher::Family::plain) {
    Decoder decoder = Decoder::plain();
    fuzz::open_all(decoder, rest, step);
    return 0;
  }
  cipher::KeyCache keys(2);
  const KeyBytes key = fuzz::key_of(method);
  const ByteVector salt = fuzz::response_salt(method);
  ByteVector wire(rest.begin(), rest.end());
  if ((data[0] & 0x80) != 0) {
    RecordKey sealing = RecordKey::derive(method, key, keys, salt);
    wire = seal_chunks(rest, sealing);
  }
  Decoder decoder = Decoder::continuing(method, RecordKey::derive(method, key, keys, salt));
  fuzz::open_all(decoder, wire, step);
  return 0;
}
