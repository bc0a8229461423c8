#pragma once

#include <array>
#include <optional>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/record_key.hpp"

namespace ss::protocol {

/// Opens one stream towards ss-server.
///
///   SIP004 first flight:  salt | seal(length) | seal(address | payload)
///   SIP022 first flight:  salt | identity header × k | seal(fixed-length header) | seal(address | padding length |
///   padding | payload)
///
/// The first flight leaves in one write (SIP022 "Detection Prevention"). With a 2022 method there is always payload or
/// 1–900 bytes of padding; a first payload under 900 bytes is padded too, so that first-packet sizes do not repeat.
///
/// Owner: the session, until both halves are taken. Threads: those of `keys`. Lifetime: the credentials outlive both
/// halves.
class ClientHandshake {
 public:
  /// The most that `first_flight` can take of the payload, and the room that it needs for that.
  static constexpr std::size_t kMaxFirstPayload = std::size_t{16} * 1024 - 1 - 512;
  static constexpr std::size_t kMaxFirstFlight = std::size_t{18} * 1024;

  /// Draws the salt.
  /// @param marked  it ends in a mark (protocol/pair/mark.hpp), and that of the response may; not with the method
  /// `none`.
  ClientHandshake(const ClientCredentials& credentials, cipher::KeyCache& keys, Entropy& entropy, bool marked);

  /// Builds the first flight.
  /// @pre  payload.size() <= kMaxFirstPayload, out.size() >= kMaxFirstFlight; called once.
  /// @return  bytes written to `out`.
  std::size_t first_flight(const TargetAddress& target, ConstBytes payload, UnixSeconds now, Bytes out);

  /// What the upstream pump goes on with.
  /// @pre  first_flight has been called; each of the two is called once.
  Encoder take_encoder();
  /// What the downstream pump opens the response with, from its first byte.
  Decoder take_decoder();

 private:
  [[nodiscard]] ConstBytes salt() const;
  std::size_t put_chunk_2017(const TargetAddress& target, ConstBytes payload, RecordKey& key, Bytes out);
  std::size_t put_headers_2022(const TargetAddress& target, ConstBytes payload, UnixSeconds now, RecordKey& key,
                               Bytes out);

  const ClientCredentials& credentials_;
  cipher::KeyCache& keys_;
  Entropy& entropy_;
  std::array<std::uint8_t, cipher::kMaxSaltLength> salt_{};
  std::optional<RecordKey> key_;
  bool marked_;
};

}  // namespace ss::protocol
