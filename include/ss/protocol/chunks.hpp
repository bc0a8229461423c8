#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/errc.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/cipher/method.hpp"
#include "ss/protocol/outcome.hpp"
#include "ss/protocol/record_key.hpp"

namespace ss::protocol {

/// What one direction of a stream looks like once its first flight is through, in both families (SIP004 "TCP",
/// SIP022 3.1.2):
///
///   [length u16be, sealed: 2+16 B][payload, sealed: length+16 B] …
inline constexpr std::size_t kLengthChunk = 2 + cipher::kTagLength;
/// Wire bytes of a chunk beside its payload.
inline constexpr std::size_t kChunkOverhead = kLengthChunk + cipher::kTagLength;
inline constexpr std::size_t kMaxPayload2017 = 0x3FFF;
inline constexpr std::size_t kMaxPayload2022 = 0xFFFF;

/// Turns payload into the wire bytes of one direction, where the payload lies.
///
/// The caller asks for a layout over its scratch, reads payload straight into the slots, and seals: the slots then are
/// one contiguous run of wire bytes. A response's salt and header, where they have not been sent yet, lie in front of
/// the first slot.
///
///   scratch:  [lead | payload ≤ max | 16][18 | payload ≤ max | 16] …      lead = 18, or opening bytes before the first
///   seal
///
/// With the method `none` lead and tags are empty, there is one slot, and sealing changes nothing.
///
/// Owner: one pump. Threads: those of its key cache. Lifetime: keys given by reference must outlive it.
class Encoder {
 public:
  static constexpr std::size_t kMaxSlots = 32;

  /// For the method `none`.
  static Encoder plain();
  /// Goes on behind a first flight: the next record is a length chunk, under the nonce that `key` has come to.
  static Encoder continuing(const cipher::Method& method, RecordKey key);
  /// Opens a SIP004 stream:  salt | chunk …
  /// @pre  salt.size() == method.salt_length()
  static Encoder opening_2017(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                              ConstBytes salt);
  /// Opens a 2022 response:  salt | seal(response header) | seal(payload0) | chunk …
  /// @pre  both salts are method.salt_length() long
  static Encoder opening_2022(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                              ConstBytes salt, ConstBytes request_salt);

  struct Layout {
    std::array<Bytes, kMaxSlots> slots;
    std::size_t count = 0;
    [[nodiscard]] std::span<const Bytes> spans() const { return {slots.data(), count}; }
  };

  /// Places slots of at most `chunk` payload bytes each over `area`, until `budget` payload bytes, the area, or
  /// kMaxSlots is used up. A last slot that would be a mere sliver (under 1/16 of a chunk) is left out: its two records
  /// would cost more than they carry.
  /// @pre  area.size() >= lead() + 1 + kTagLength; 1 <= chunk <= max_payload(); budget >= 1
  /// Lifetime: slots point into `area`.
  [[nodiscard]] Layout layout(Bytes area, std::size_t budget, std::size_t chunk) const;

  /// Seals the first `payload` bytes that were read into the slots of `layout(area, budget, chunk)`.
  /// @param payload  >= 1, at most the sum of the slots.
  /// @param now      stands in a 2022 response header; used by the first seal only.
  /// @return  the wire bytes, at the front of `area`. Errors: Errc::nonce_spent (also where the key is worn, see
  /// RecordKey); the
  ///          stream must end then, and every later seal fails the same way.
  [[nodiscard]] Result<ConstBytes> seal(Bytes area, const Layout& slots, std::size_t payload, UnixSeconds now);

  /// Bytes that the next batch puts in front of its first payload byte.
  [[nodiscard]] std::size_t lead() const;
  /// Payload bytes that one chunk can take.
  [[nodiscard]] std::size_t max_payload() const;

 private:
  struct Plain {};
  struct Opening {
    const KeyBytes* key;
    cipher::KeyCache* keys;
    std::array<std::uint8_t, cipher::kMaxSaltLength> salt;
    std::array<std::uint8_t, cipher::kMaxSaltLength> request_salt;
  };
  using State = std::variant<Plain, Opening, RecordKey>;

  Encoder(const cipher::Method* method, State state) : state_(std::move(state)), method_(method) {}
  RecordKey& open_stream(Bytes area, std::size_t payload0, UnixSeconds now);

  State state_;
  const cipher::Method* method_;  // null where plain
};
static_assert(sizeof(Encoder) <= 160, "every idle connection pays for two of these");

/// Turns the wire bytes of one direction back into payload, in place.
///
/// Owns no buffer: bytes that do not make a whole chunk yet are not consumed, and the caller shows them again in front
/// of what follows. A chunk's length is opened once.
///
/// Owner: one pump. Threads: those of its key cache. Lifetime: keys given by reference must outlive it.
class Decoder {
 public:
  /// Empty SIP004 chunks in a row that are passed over; one more is refused.
  static constexpr std::uint8_t kMaxEmptyChunks = 16;

  /// For the method `none`.
  static Decoder plain();
  /// Goes on behind a first flight: the next record is a length chunk, under the nonce that `key` has come to.
  static Decoder continuing(const cipher::Method& method, RecordKey key);
  /// Opens a response from its salt on.
  /// @param request_salt  what our request began with: a 2022 response must echo it, a SIP004 one must not begin with
  /// it too, for then
  ///                      it is our own stream sent back to us.
  /// @param marked        our request was, so the response may be (protocol/pair/mark.hpp).
  /// @pre  request_salt.size() == method.salt_length(); method.family is not plain
  static Decoder opening(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                         ConstBytes request_salt, bool marked);

  /// Payload of one call, in stream order. Small payloads are moved together so that the array always suffices for 128
  /// KiB.
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
  ///          Errors: Errc::auth_failed, chunk_too_long (SIP004 above 0x3FFF), zero_chunk (2022 at once; SIP004 after
  ///          16 in a row), nonce_spent; and in front of a response bad_header_type, bad_timestamp, foreign_salt
  ///          (2022), repeated_salt (SIP004).
  /// After an error the decoder is dead, `out` holds what had opened before the bad chunk, and nothing of that chunk is
  /// exposed.
  [[nodiscard]] Result<std::size_t> open(Bytes wire, UnixSeconds now, Payload& out);

  /// Opens the one chunk at the front of `wire`, in place: for handshakes, which go chunk by chunk.
  /// @pre  not at the beginning of a response, not plain
  /// @param consumed  grows by the bytes that are done with, also where more are needed (a length chunk).
  /// @return  its payload, which may be empty; Need{n}: n bytes beyond `wire`; errors as `open`.
  Parsed<Bytes> open_chunk(Bytes wire, std::size_t& consumed);

  /// Whether the stream may end here: at its very beginning, or between two chunks, with nothing unconsumed.
  [[nodiscard]] bool may_end(std::size_t unconsumed) const;

  /// Seconds by which a refused timestamp was off (theirs − ours), for the log; 0 unless the decoder died of
  /// bad_timestamp.
  [[nodiscard]] std::int64_t clock_offset() const;

  /// Whether the response's salt carries the mark: its payload begins with a frame then. False until its first record
  /// has opened.
  [[nodiscard]] bool is_marked() const { return is_marked_; }
  /// What the server's clock showed when it sealed the header of a 2022 response to our very request; nothing before
  /// that has opened.
  [[nodiscard]] std::optional<UnixSeconds> server_time() const {
    return server_time_ == 0 ? std::nullopt : std::optional(server_time_);
  }

 private:
  struct Plain {};
  struct Opening {
    const KeyBytes* key;
    cipher::KeyCache* keys;
    std::array<std::uint8_t, cipher::kMaxSaltLength> request_salt;
    bool marked;
  };
  struct Dead {
    Errc error;
    std::int64_t clock_offset = 0;
  };
  using State = std::variant<Plain, Opening, RecordKey, Dead>;
  static constexpr std::int32_t kNoLength = -1;

  Decoder(const cipher::Method* method, State state) : state_(std::move(state)), method_(method) {}
  Errc die(Errc error, std::int64_t clock_offset = 0);
  Parsed<std::size_t> open_stream(Bytes wire, UnixSeconds now);
  Parsed<std::size_t> open_response_header(RecordKey& key, Bytes wire, ConstBytes request_salt, UnixSeconds now);
  std::optional<Errc> open_length(RecordKey& key, Bytes chunk);

  State state_;
  const cipher::Method* method_;     // null where plain
  UnixSeconds server_time_ = 0;      // 0: not known
  std::int32_t length_ = kNoLength;  // of the payload chunk that comes next, once its length has been opened
  std::uint8_t empty_chunks_ = 0;    // in a row
  bool is_marked_ = false;
};
static_assert(sizeof(Decoder) <= 160, "every idle connection pays for two of these");

}  // namespace ss::protocol
