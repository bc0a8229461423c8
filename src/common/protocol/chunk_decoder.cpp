#include <algorithm>
#include <cstring>

#include "ss/protocol/chunks.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/pair/mark.hpp"

namespace ss::protocol {
namespace {

using cipher::kTagLength;

/// Payloads below this are moved down to the one before: then no two spans in a row are small, and 128 KiB of wire
/// holds at most 32.
constexpr std::size_t kSmall = 4096;

void append(Decoder::Payload& out, Bytes text) {
  if (text.empty()) return;
  out.bytes += text.size();
  if (out.count > 0) {
    ConstBytes& last = out.spans[out.count - 1];
    if (text.size() < kSmall || out.count == Decoder::Payload::kMaxSpans) {
      // `last` lies in the same writable bytes, in front of `text`.
      std::memmove(const_cast<std::uint8_t*>(last.data()) + last.size(), text.data(), text.size());
      last = {last.data(), last.size() + text.size()};
      return;
    }
  }
  out.spans[out.count++] = text;
}

}  // namespace

Decoder Decoder::plain() {
  return {nullptr, Plain{}};
}

Decoder Decoder::continuing(const cipher::Method& method, RecordKey key) {
  return {&method, std::move(key)};
}

Decoder Decoder::opening(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                         ConstBytes request_salt, bool marked) {
  SS_ASSERT(request_salt.size() == method.salt_length());
  Opening opening{&key, &keys, {}, marked};
  std::copy(request_salt.begin(), request_salt.end(), opening.request_salt.begin());
  return {&method, opening};
}

Errc Decoder::die(Errc error, std::int64_t clock_offset) {
  state_.emplace<Dead>(Dead{error, clock_offset});
  return error;
}

std::int64_t Decoder::clock_offset() const {
  const Dead* dead = std::get_if<Dead>(&state_);
  return dead == nullptr ? 0 : dead->clock_offset;
}

bool Decoder::may_end(std::size_t unconsumed) const {
  return unconsumed == 0 && length_ == kNoLength && !std::holds_alternative<Dead>(state_);
}

Result<std::size_t> Decoder::open(Bytes wire, UnixSeconds now, Payload& out) {
  SS_ASSERT(wire.size() <= std::size_t{128} * 1024);
  out.count = 0;
  out.bytes = 0;
  std::size_t consumed = 0;
  if (!std::holds_alternative<RecordKey>(state_)) {
    if (const Dead* dead = std::get_if<Dead>(&state_)) return dead->error;
    if (std::holds_alternative<Plain>(state_)) {
      append(out, wire);
      return wire.size();
    }
    const Parsed<std::size_t> opening = open_stream(wire, now);
    if (opening.failed()) return opening.error();
    if (opening.needs_more()) return 0;
    consumed = opening.value();
  }
  for (;;) {
    const Parsed<Bytes> text = open_chunk(wire, consumed);
    if (text.needs_more()) return consumed;
    if (text.failed()) return text.error();
    append(out, text.value());
  }
}

Parsed<Bytes> Decoder::open_chunk(Bytes wire, std::size_t& consumed) {
  RecordKey* key = std::get_if<RecordKey>(&state_);
  if (key == nullptr) return std::get<Dead>(state_).error;

  if (length_ == kNoLength) {
    const Bytes chunk = wire.subspan(consumed);
    if (chunk.size() < kLengthChunk) return Need{kLengthChunk - chunk.size()};
    if (const std::optional<Errc> error = open_length(*key, chunk)) return *error;
    consumed += kLengthChunk;
  }

  const Bytes chunk = wire.subspan(consumed);
  const std::size_t length = static_cast<std::size_t>(length_);
  if (chunk.size() < length + kTagLength) return Need{length + kTagLength - chunk.size()};
  if (key->spent()) return die(Errc::nonce_spent);
  const Bytes text = chunk.first(length);
  if (!key->open(text, chunk.subspan(length, kTagLength))) return die(Errc::auth_failed);
  length_ = kNoLength;
  consumed += length + kTagLength;
  return text;
}

/// Opens the length chunk at the front of `chunk`.
std::optional<Errc> Decoder::open_length(RecordKey& key, Bytes chunk) {
  if (key.spent()) return die(Errc::nonce_spent);
  if (!key.open(chunk.first(2), chunk.subspan(2, kTagLength))) return die(Errc::auth_failed);
  const std::uint16_t length = get_u16be(chunk.data());
  if (length == 0) {
    if (method_->is_2022() || ++empty_chunks_ > kMaxEmptyChunks) return die(Errc::zero_chunk);
  } else {
    if (!method_->is_2022() && length > kMaxPayload2017) return die(Errc::chunk_too_long);
    empty_chunks_ = 0;
  }
  length_ = length;
  return std::nullopt;
}

/// Takes the salt, and with it a 2022 response header or the first length chunk: only what has authenticated is looked
/// at for a mark.
/// @return  bytes consumed. A salt alone is left where it is, so that a stream which ends behind it counts as cut
/// short.
Parsed<std::size_t> Decoder::open_stream(Bytes wire, UnixSeconds now) {
  const std::size_t salt_length = method_->salt_length();
  const std::size_t head =
      salt_length + (method_->is_2022() ? ResponseHeader::length(salt_length) + kTagLength : kLengthChunk);
  if (wire.size() < head) return Need{head - wire.size()};

  const Opening opening = std::get<Opening>(state_);
  const ConstBytes salt = wire.first(salt_length);
  const ConstBytes request_salt = ConstBytes(opening.request_salt).first(salt_length);
  if (!method_->is_2022() && equal_in_constant_time(salt, request_salt)) return die(Errc::repeated_salt);
  RecordKey& key = state_.emplace<RecordKey>(RecordKey::derive(*method_, *opening.key, *opening.keys, salt));
  Parsed<std::size_t> opened = head;
  if (method_->is_2022()) {
    opened = open_response_header(key, wire.first(head), request_salt, now);
  } else if (const std::optional<Errc> error = open_length(key, wire.subspan(salt_length))) {
    opened = *error;
  }
  if (opened.ready() && opening.marked) is_marked_ = pair::has_response_mark(*opening.key, request_salt, salt);
  return opened;
}

/// The payload chunk behind the header has no length chunk: the header is that length. Peers refuse or pass over an
/// empty one; it is passed over here, for it can come only once.
Parsed<std::size_t> Decoder::open_response_header(RecordKey& key, Bytes wire, ConstBytes request_salt,
                                                  UnixSeconds now) {
  const Bytes sealed = wire.subspan(request_salt.size());
  const Bytes text = sealed.first(sealed.size() - kTagLength);
  if (!key.open(text, sealed.last(kTagLength))) return die(Errc::auth_failed);
  const Result<ResponseHeader> header = parse_response_header(text);
  if (!header) return die(header.error());
  if (!is_timely(header->timestamp, now)) {
    return die(Errc::bad_timestamp, protocol::clock_offset(header->timestamp, now));
  }
  if (!equal_in_constant_time(header->request_salt, request_salt)) return die(Errc::foreign_salt);
  server_time_ = header->timestamp;
  length_ = header->payload_length;
  return wire.size();
}

}  // namespace ss::protocol
