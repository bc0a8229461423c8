#pragma once

#include <cstdint>
#include <optional>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/outcome.hpp"
#include "ss/protocol/record_key.hpp"
#include "ss/protocol/replay/salt_filter.hpp"

namespace ss::protocol {

/// What a client asked for, authenticated.
struct Request {
  TargetAddress target;
  std::size_t user = 0;  ///< index into ServerCredentials::users()
  ConstBytes payload;    ///< first payload, in the handshake's buffer
  Bytes rest;            ///< wire bytes behind it, for the decoder: the end of the last feed, in the handshake's buffer
  bool marked = false;   ///< the salt carries the mark (protocol/pair/mark.hpp): the response has to begin with a frame
};

/// Takes one stream of a client up to its target address.
///
/// Owns the bytes of the first flight, since they must outlive the dial. With a 2022 method the first `feed` is the one
/// read of SIP022 "Detection Prevention": it must hold salt, identity header and fixed-length header, or the stream is
/// refused.
///
/// Owner: the session, until the first payload has been passed on. Threads: those of `keys`. Lifetime: the credentials
/// outlive both halves.
class ServerHandshake {
 public:
  /// @param marks  whether salts are looked at for the mark, once their request has authenticated.
  ServerHandshake(const ServerCredentials& credentials, cipher::KeyCache& keys, bool marks = true);

  /// Takes what one read gave.
  ///
  /// The salt goes into `salts` after it authenticated, and not before: behind the fixed-length header's tag, type and
  /// time (2022), behind the first chunk (SIP004).
  /// @pre  no earlier feed returned a request
  /// @param now, mono  the wall clock for timestamps (±30 s), the steady one for the salt filter.
  /// @return  the request, Need more, or why the stream is not one of ours: Errc::short_first_read, auth_failed,
  /// unknown_user,
  ///          bad_header_type, bad_timestamp, repeated_salt, bad_padding, bad_address_type, bad_domain, bad_port,
  ///          truncated (2022: the address does not end in its chunk), chunk_too_long, zero_chunk. After a failure
  ///          every later feed fails the same way, and the bytes are let go of.
  Parsed<Request> feed(ConstBytes fresh, UnixSeconds now, MonoTime mono, SaltFilter& salts);

  /// Seconds by which the timestamp of an authenticated 2022 request is off (theirs − ours), for the log: where feed
  /// returned a request, or bad_timestamp; else 0.
  [[nodiscard]] std::int64_t clock_offset() const;
  /// Whose request it is: an index into ServerCredentials::users(), where that is known as well.
  [[nodiscard]] std::size_t user() const { return user_; }

  /// What the upstream pump goes on with.
  /// @pre  feed returned a request; each of the two is called once.
  Decoder take_decoder();
  /// What the downstream pump seals the response with. Draws its salt; a SIP004 one is put into `salts`, so that a
  /// stream reflected to us is refused.
  /// @param marked  it carries the mark, as the answer to a marked request must.
  Encoder take_encoder(Entropy& entropy, MonoTime mono, SaltFilter& salts, bool marked);

 private:
  Parsed<Request> advance(UnixSeconds now, MonoTime mono, SaltFilter& salts);
  Parsed<Request> advance_plain();
  Parsed<Request> advance_2017(MonoTime mono, SaltFilter& salts);
  Parsed<Request> advance_2022(UnixSeconds now, MonoTime mono, SaltFilter& salts);
  Result<void> open_fixed_header(UnixSeconds now, MonoTime mono, SaltFilter& salts);
  Result<void> find_trial_user();
  [[nodiscard]] const cipher::Method& method() const { return credentials_.method(); }
  [[nodiscard]] const KeyBytes& user_key() const { return credentials_.users()[user_].key; }
  [[nodiscard]] ConstBytes salt() const { return ConstBytes(buffer_).first(method().salt_length()); }

  const ServerCredentials& credentials_;
  cipher::KeyCache& keys_;
  ByteVector buffer_;             // the wire as it came, opened in place from the front
  std::size_t consumed_ = 0;      // bytes of it that are done with
  std::size_t opened_ = 0;        // SIP004: where the plaintext of the chunks so far ends
  std::optional<RecordKey> key_;  // 2022: between the two headers
  std::optional<Decoder> decoder_;
  std::size_t user_ = 0;
  std::int64_t clock_offset_ = 0;
  std::optional<Errc> error_;
  std::uint16_t variable_length_ = 0;
  const bool marks_;
};

}  // namespace ss::protocol
