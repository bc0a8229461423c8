// Input: one byte that picks the method (mod the table but `none`) and, in its top bit, whether to seal; two bytes
// u16be, how many wire bytes a feed brings; then, unsealed, a response from its salt on; sealed, its plaintext: a 2022
// response header without the salt (TYPE, timestamp, request salt, length) and its payload, or a SIP004 length and its
// payload, behind a salt of zeros.
#include <cstdlib>

#include "fuzz_support.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/protocol/header2022.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ss;
  using namespace ss::protocol;
  if (size < 3) return 0;
  const cipher::Method& method = fuzz::sealing_method(data[0] & 0x7F);
  const std::size_t step = std::max<std::size_t>(1, get_u16be(data + 1));
  const ConstBytes rest(data + 3, size - 3);

  cipher::KeyCache keys(2);
  const KeyBytes key = fuzz::key_of(method);
  ByteVector wire(rest.begin(), rest.end());
  if ((data[0] & 0x80) != 0) {
    wire = fuzz::response_salt(method);
    RecordKey sealing = RecordKey::derive(method, key, keys, wire);
    const std::size_t head =
        std::min(rest.size(), method.is_2022() ? ResponseHeader::length(method.salt_length()) : std::size_t{2});
    fuzz::seal_record(rest.first(head), sealing, wire);
    fuzz::seal_record(rest.subspan(head), sealing, wire);
  }
  Decoder decoder = Decoder::opening(method, key, keys, fuzz::request_salt(method), false);
  fuzz::open_all(decoder, wire, step);
  return 0;
}
