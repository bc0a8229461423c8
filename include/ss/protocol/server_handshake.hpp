#pragma once

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/outcome.hpp"
#include "ss/protocol/replay/salt_filter.hpp"

namespace ss::protocol {

/// What a client asked for, authenticated.
struct Request {
  TargetAddress target;
  std::size_t user = 0;  ///< index into ServerCredentials::users()
  ConstBytes payload;    ///< first payload, in the handshake's buffer
  Bytes rest;            ///< wire bytes behind it, for the decoder, in the handshake's buffer
};

/// Takes one stream of a client up to its target address.
///
/// Owns the bytes of the first flight, since they must outlive the dial. With a 2022 method the first `feed` is the one read of
/// SIP022 "Detection Prevention": it must hold salt, identity header and fixed-length header, or the stream is refused.
///
/// Owner: the session, until the first payload has been passed on. Threads: those of `keys`.
class ServerHandshake {
 public:
  ServerHandshake(const ServerCredentials& credentials, cipher::KeyCache& keys);

  /// The first read is to be trusted whole only behind a plugin on loopback, where segments may arrive split (docs/decisions).
  void allow_split_first_read();

  /// Takes what one read gave.
  ///
  /// The salt goes into `salts` after everything authenticated, and not before.
  /// @param now, mono  the wall clock for timestamps (±30 s), the steady one for the salt filter.
  /// @return  the request, Need more, or why the stream is not one of ours: Errc::short_first_read, auth_failed, unknown_user,
  ///          bad_header_type, bad_timestamp, repeated_salt, bad_padding, bad_address_type, bad_domain, bad_port, chunk_too_long,
  ///          zero_chunk. After a failure every later feed fails the same way.
  Parsed<Request> feed(ConstBytes fresh, UnixSeconds now, MonoTime mono, SaltFilter& salts);

  /// Seconds by which a refused timestamp was off (theirs − ours), for the log; 0 unless the last error is bad_timestamp.
  [[nodiscard]] std::int64_t clock_offset() const;

  /// What the upstream pump goes on with.
  /// @pre  feed returned a request; each of the two is called once.
  Decoder take_decoder();
  /// What the downstream pump seals the response with. Draws its salt; a SIP004 one is put into `salts`, so that a stream reflected
  /// to us is refused.
  Encoder take_encoder(Entropy& entropy, MonoTime mono, SaltFilter& salts);
};

}  // namespace ss::protocol
