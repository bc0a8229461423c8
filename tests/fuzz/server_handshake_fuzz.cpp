// Input: one byte that picks the method (mod the table, `none` too), in its top bit whether to seal, in the next
// whether the server has users (where the method can); two bytes u16be, how many bytes a feed brings (0: all at once);
// then, unsealed, the stream of a client; sealed, its plaintext: a fixed-length header (11 bytes) and a variable-length
// header, or a SIP004 length and chunk, behind the salt and identity header of a known user.
#include <cstdlib>

#include "fuzz_support.hpp"
#include "ss/cipher/base64.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/identity.hpp"
#include "ss/protocol/server_handshake.hpp"

namespace {

using namespace ss;
using namespace ss::protocol;

/// Refuses two of three salts, so that all answers are met.
class EveryThird final : public SaltFilter {
 public:
  SaltVerdict insert(ConstBytes salt, UnixSeconds /*stamp*/, MonoTime /*now*/) override {
    return static_cast<SaltVerdict>(salt[0] % 3);
  }
};

ByteVector seal_flight(const cipher::Method& method, const ServerCredentials& server, ConstBytes script,
                       cipher::KeyCache& keys) {
  ByteVector wire(method.salt_length(), script.empty() ? std::uint8_t{0} : script.back());
  RecordKey key = RecordKey::derive(method, server.users()[0].key, keys, wire);
  if (method.is_2022() && server.has_users()) {
    const std::string chain =
        cipher::base64(server.server_key().reveal()) + ":" + cipher::base64(server.users()[0].key.reveal());
    const ByteVector salt = wire;
    wire.resize(wire.size() + kIdentityHeader);
    put_identity_headers(*ClientCredentials::from_password(method, Secret(bytes_of(chain))), salt,
                         Bytes(wire).last(kIdentityHeader));
  }
  const std::size_t head = std::min(script.size(), method.is_2022() ? FixedHeader::kLength : std::size_t{2});
  fuzz::seal_record(script.first(head), key, wire);
  fuzz::seal_record(script.subspan(head), key, wire);
  return wire;
}

void check(const Request& request, ConstBytes wire) {
  fuzz::require(request.target.port() != 0);
  fuzz::require(request.payload.size() + request.rest.size() <= wire.size());
  fuzz::require(!request.target.to_string().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const cipher::Method& method = cipher::methods()[(data[0] & 0x3F) % cipher::methods().size()];
  const ConstBytes rest(data + 3, size - 3);
  cipher::KeyCache keys(2);
  const ServerCredentials credentials = fuzz::server_credentials(method, (data[0] & 0x40) != 0);
  ByteVector wire(rest.begin(), rest.end());
  if ((data[0] & 0x80) != 0 && method.family != cipher::Family::plain)
    wire = seal_flight(method, credentials, rest, keys);

  const std::size_t given = get_u16be(data + 1);
  const std::size_t step = given == 0 ? wire.size() : given;
  ServerHandshake handshake(credentials, keys);
  EveryThird salts;
  for (ConstBytes left = wire; !left.empty(); left = left.subspan(std::min(step, left.size()))) {
    const ConstBytes fresh = left.first(std::min(step, left.size()));
    Parsed<Request> outcome = handshake.feed(fresh, fuzz::kNow, MonoTime{}, salts);
    if (outcome.needs_more()) {
      fuzz::require(outcome.need() >= 1 && outcome.need() <= 0xFFFF + 64);
      continue;
    }
    if (outcome.failed()) {
      const Parsed<Request> again = handshake.feed(wire, fuzz::kNow, MonoTime{}, salts);
      fuzz::require(again.failed() && again.error() == outcome.error());
      return 0;
    }
    check(outcome.value(), wire);
    Decoder decoder = handshake.take_decoder();
    fuzz::open_all(decoder, outcome.value().rest, 65536);
    return 0;
  }
  return 0;
}
