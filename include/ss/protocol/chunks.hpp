#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/errc.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/cipher/method.hpp"
#include "ss/cipher/nonce.hpp"

namespace ss::protocol {

/// What one direction of a stream looks like once its first flight is through, in both families (SIP004 "TCP", SIP022 3.1.2):
///
///   [length u16be, sealed: 2+16 B][payload, sealed: length+16 B] …
inline constexpr std::size_t kLengthChunk = 2 + cipher::kTagLength;
inline constexpr std::size_t kMaxPayload2017 = 0x3FFF;
inline constexpr std::size_t kMaxPayload2022 = 0xFFFF;

/// Turns payload into the wire bytes of one direction, where the payload lies.
///
/// The caller asks for a layout over its scratch, reads payload straight into the slots, and seals: the slots then are one
/// contiguous run of wire bytes. A response's salt and header, where they have not been sent yet, lie in front of the first slot.
///
///   scratch:  [lead | payload ≤ max | 16][18 | payload ≤ max | 16] …      lead = 18, or opening bytes before the first seal
///
/// With the method `none` lead and tags are empty and sealing changes nothing.
///
/// Owner: one pump. Threads: those of its key cache.
class Encoder {
 public:
  static constexpr std::size_t kMaxSlots = 32;
  struct Layout {
    std::array<Bytes, kMaxSlots> slots;
    std::size_t count = 0;
    [[nodiscard]] std::span<const Bytes> spans() const { return {slots.data(), count}; }
  };

  /// Places slots of at most `chunk` payload bytes each over `area`, until `budget` payload bytes, the area, or kMaxSlots is used up.
  /// @pre  area.size() >= lead() + 1 + kTagLength; 1 <= chunk <= max_payload(); budget >= 1
  /// Lifetime: slots point into `area`.
  [[nodiscard]] Layout layout(Bytes area, std::size_t budget, std::size_t chunk) const;

  /// Seals the first `payload` bytes that were read into the slots of `layout(area, budget, chunk)`.
  /// @param payload  >= 1, at most the sum of the slots.
  /// @param now      stands in a 2022 response header; used by the first seal only.
  /// @return  the wire bytes, at the front of `area`. Errors: Errc::nonce_spent; the stream must end then.
  [[nodiscard]] Result<ConstBytes> seal(Bytes area, const Layout& slots, std::size_t payload, UnixSeconds now);

  /// Bytes that the next batch puts in front of its first payload byte.
  [[nodiscard]] std::size_t lead() const;
  [[nodiscard]] std::size_t max_payload() const;
};

/// Turns the wire bytes of one direction back into payload, in place.
///
/// Owns no buffer: bytes that do not make a whole chunk yet are not consumed, and the caller shows them again in front of what
/// follows. A chunk's length is opened once.
///
/// Owner: one pump. Threads: those of its key cache.
class Decoder {
 public:
  /// Payload of one call, in stream order. Small payloads are moved together so that the array always suffices for 128 KiB.
  struct Payload {
    static constexpr std::size_t kMaxSpans = 40;
    std::array<ConstBytes, kMaxSpans> spans;
    std::size_t count = 0;
    std::size_t bytes = 0;
    [[nodiscard]] std::span<const ConstBytes> view() const { return {spans.data(), count}; }
  };

  /// Opens every whole chunk at the front of `wire`.
  ///
  /// @pre  wire.size() <= 128 KiB
  /// @param out  is overwritten; empty chunks do not appear. Spans point into `wire`.
  /// @return  bytes consumed; the rest must be shown again, unchanged, with more behind it.
  ///          Errors: Errc::auth_failed, chunk_too_long (SIP004 above 0x3FFF), zero_chunk (2022 at once; SIP004 after 16 in a row),
  ///          nonce_spent; and in front of a response bad_header_type, bad_timestamp, foreign_salt.
  /// After an error the decoder is dead, `out` holds what had opened before the bad chunk, and nothing of that chunk is exposed.
  [[nodiscard]] Result<std::size_t> open(Bytes wire, UnixSeconds now, Payload& out);

  /// Whether the stream may end here: at its very beginning, or between two chunks, with nothing unconsumed.
  [[nodiscard]] bool may_end(std::size_t unconsumed) const;
};

}  // namespace ss::protocol
