#include <algorithm>

#include "ss/protocol/chunks.hpp"
#include "ss/protocol/header2022.hpp"

namespace ss::protocol {
namespace {

using cipher::kTagLength;

constexpr std::size_t kSliver = 16;

/// Seals `text`, which has room for its tag behind it.
void seal_before_tag(RecordKey& key, std::uint8_t* text, std::size_t length) {
  key.seal({text, length}, {text + length, kTagLength});
}

}  // namespace

Encoder Encoder::plain() {
  return {nullptr, Plain{}};
}

Encoder Encoder::continuing(const cipher::Method& method, RecordKey key) {
  return {&method, std::move(key)};
}

Encoder Encoder::opening_2017(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                              ConstBytes salt) {
  SS_ASSERT(salt.size() == method.salt_length());
  Opening opening{&key, &keys, {}, {}};
  std::copy(salt.begin(), salt.end(), opening.salt.begin());
  return {&method, opening};
}

Encoder Encoder::opening_2022(const cipher::Method& method, const KeyBytes& key, cipher::KeyCache& keys,
                              ConstBytes salt, ConstBytes request_salt) {
  SS_ASSERT(salt.size() == method.salt_length() && request_salt.size() == method.salt_length());
  Opening opening{&key, &keys, {}, {}};
  std::copy(salt.begin(), salt.end(), opening.salt.begin());
  std::copy(request_salt.begin(), request_salt.end(), opening.request_salt.begin());
  return {&method, opening};
}

std::size_t Encoder::lead() const {
  if (std::holds_alternative<RecordKey>(state_)) return kLengthChunk;
  if (std::holds_alternative<Plain>(state_)) return 0;
  const std::size_t salt = method_->salt_length();
  return salt + (method_->is_2022() ? ResponseHeader::length(salt) + kTagLength : kLengthChunk);
}

std::size_t Encoder::max_payload() const {
  return method_ != nullptr && !method_->is_2022() ? kMaxPayload2017 : kMaxPayload2022;
}

Encoder::Layout Encoder::layout(Bytes area, std::size_t budget, std::size_t chunk) const {
  Layout layout;
  if (method_ == nullptr) {
    layout.slots[layout.count++] = area.first(std::min(budget, area.size()));
    return layout;
  }
  SS_ASSERT(chunk >= 1 && chunk <= max_payload() && budget >= 1 && area.size() >= lead() + 1 + kTagLength);
  std::size_t at = lead();
  while (layout.count < kMaxSlots && budget > 0 && at + kTagLength < area.size()) {
    const std::size_t length = std::min({chunk, budget, area.size() - at - kTagLength});
    if (layout.count > 0 && length < chunk / kSliver) break;
    layout.slots[layout.count++] = area.subspan(at, length);
    budget -= length;
    at += length + kTagLength + kLengthChunk;
  }
  return layout;
}

Result<ConstBytes> Encoder::seal(Bytes area, const Layout& slots, std::size_t payload, UnixSeconds now) {
  SS_ASSERT(payload >= 1 && slots.count >= 1);
  if (method_ == nullptr) return ConstBytes(area.first(payload));

  auto slot = slots.slots.begin();
  const auto end = slot + static_cast<std::ptrdiff_t>(slots.count);
  std::uint8_t* wire_end = area.data();
  RecordKey* key = std::get_if<RecordKey>(&state_);
  if (key == nullptr) {
    // A 2022 response's first payload chunk stands behind its header without a length chunk.
    const std::size_t first = std::min(slot->size(), payload);
    key = &open_stream(area, first, now);
    if (method_->is_2022()) {
      seal_before_tag(*key, slot->data(), first);
      wire_end = slot->data() + first + kTagLength;
      payload -= first;
      ++slot;
    }
  }
  for (; payload > 0 && slot != end; ++slot) {
    const std::size_t length = std::min(slot->size(), payload);
    std::uint8_t* length_chunk = slot->data() - kLengthChunk;
    if (key->spent()) return Errc::nonce_spent;
    put_u16be(length_chunk, static_cast<std::uint16_t>(length));
    seal_before_tag(*key, length_chunk, 2);
    if (key->spent()) return Errc::nonce_spent;
    seal_before_tag(*key, slot->data(), length);
    wire_end = slot->data() + length + kTagLength;
    payload -= length;
  }
  SS_ASSERT(payload == 0);
  return ConstBytes(area.data(), wire_end);
}

/// Writes what stands in front of the first payload byte, up to a length chunk.
RecordKey& Encoder::open_stream(Bytes area, std::size_t payload0, UnixSeconds now) {
  const Opening opening = std::get<Opening>(state_);
  const ConstBytes salt = ConstBytes(opening.salt).first(method_->salt_length());
  RecordKey& key = state_.emplace<RecordKey>(RecordKey::derive(*method_, *opening.key, *opening.keys, salt));
  std::copy(salt.begin(), salt.end(), area.begin());
  if (method_->is_2022()) {
    const Bytes header = area.subspan(salt.size(), ResponseHeader::length(salt.size()));
    put_response_header(
        {now, ConstBytes(opening.request_salt).first(salt.size()), static_cast<std::uint16_t>(payload0)}, header);
    seal_before_tag(key, header.data(), header.size());
  }
  return key;
}

}  // namespace ss::protocol
