#include "ss/protocol/server_handshake.hpp"

#include <algorithm>
#include <cstring>

#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/identity.hpp"
#include "ss/protocol/pair/mark.hpp"
#include "ss/protocol/uot.hpp"

namespace ss::protocol {

using cipher::Family;
using cipher::kTagLength;

ServerHandshake::ServerHandshake(const ServerCredentials& credentials, cipher::KeyCache& keys, bool marks)
    : credentials_(credentials), keys_(keys), marks_(marks) {}

std::int64_t ServerHandshake::clock_offset() const {
  return clock_offset_;
}

Parsed<Request> ServerHandshake::feed(ConstBytes fresh, UnixSeconds now, MonoTime mono, SaltFilter& salts) {
  if (error_) return *error_;
  buffer_.insert(buffer_.end(), fresh.begin(), fresh.end());
  Parsed<Request> outcome = advance(now, mono, salts);
  if (outcome.failed()) {
    error_ = outcome.error();
    // What comes after the timestamp has other causes.
    if (error_ != Errc::bad_timestamp) clock_offset_ = 0;
    key_.reset();
    decoder_.reset();
    buffer_ = ByteVector();
  } else if (outcome.ready() && marks_ && method().family != Family::plain) {
    outcome.value().marked = pair::has_request_mark(user_key(), salt());
  }
  return outcome;
}

Parsed<Request> ServerHandshake::advance(UnixSeconds now, MonoTime mono, SaltFilter& salts) {
  switch (method().family) {
    case Family::plain:
      return advance_plain();
    case Family::aead2017:
      return advance_2017(mono, salts);
    case Family::aead2022:
      break;
  }
  return advance_2022(now, mono, salts);
}

Parsed<Request> ServerHandshake::advance_plain() {
  Parsed<ParsedAddress> address = parse_address(buffer_);
  if (address.failed()) return address.error();
  if (address.needs_more()) return Need{address.need()};
  if (!uot::can_be_asked_for(address.value().address)) return Errc::bad_port;
  return Request{std::move(address.value().address), 0, ConstBytes(buffer_).subspan(address.value().length), {}, false};
}

/// Chunks are opened one by one, and their plaintext joined behind the salt, until the address is whole.
Parsed<Request> ServerHandshake::advance_2017(MonoTime mono, SaltFilter& salts) {
  const std::size_t salt_length = method().salt_length();
  if (!decoder_) {
    const std::size_t head = salt_length + kLengthChunk;
    if (buffer_.size() < head) return Need{head - buffer_.size()};
    if (const Result<void> found = find_trial_user(); !found) return found.error();
    decoder_ = Decoder::continuing(method(), RecordKey::derive(method(), user_key(), keys_, salt()));
    consumed_ = salt_length;
  }
  for (;;) {
    const Parsed<Bytes> chunk = decoder_->open_chunk(buffer_, consumed_);
    if (chunk.failed()) return chunk.error();
    if (chunk.needs_more()) return Need{chunk.need()};
    const Bytes text = chunk.value();
    if (opened_ == 0) {
      if (salts.insert(salt(), 0, mono) != SaltVerdict::fresh) return Errc::repeated_salt;
      opened_ = salt_length + kLengthChunk;
    }
    if (!text.empty()) std::memmove(buffer_.data() + opened_, text.data(), text.size());
    opened_ += text.size();

    const ConstBytes plaintext =
        ConstBytes(buffer_).subspan(salt_length + kLengthChunk, opened_ - salt_length - kLengthChunk);
    Parsed<ParsedAddress> address = parse_address(plaintext);
    if (address.failed()) return address.error();
    if (address.needs_more()) continue;
    if (!uot::can_be_asked_for(address.value().address)) return Errc::bad_port;
    return Request{std::move(address.value().address), user_, plaintext.subspan(address.value().length),
                   Bytes(buffer_).subspan(consumed_), false};
  }
}

/// SIP004 names no user: whose key opens the first length chunk is the one. A copy is opened, since an attempt destroys
/// its bytes.
Result<void> ServerHandshake::find_trial_user() {
  if (!credentials_.has_users()) return {};
  const ConstBytes chunk = ConstBytes(buffer_).subspan(method().salt_length(), kLengthChunk);
  for (user_ = 0; user_ < credentials_.users().size(); ++user_) {
    std::array<std::uint8_t, 2> length;
    RecordKey key = RecordKey::derive(method(), user_key(), keys_, salt());
    if (key.would_open(chunk.first(2), chunk.last(kTagLength), length)) return {};
  }
  return Errc::unknown_user;
}

Parsed<Request> ServerHandshake::advance_2022(UnixSeconds now, MonoTime mono, SaltFilter& salts) {
  if (!key_) {
    const std::size_t identity = credentials_.has_users() ? kIdentityHeader : 0;
    const std::size_t head = method().salt_length() + identity + FixedHeader::kLength + kTagLength;
    if (buffer_.size() < head) return Errc::short_first_read;
    if (const Result<void> opened = open_fixed_header(now, mono, salts); !opened) return opened.error();
    consumed_ = head;
  }
  const Bytes sealed = Bytes(buffer_).subspan(consumed_);
  const std::size_t length = variable_length_;
  if (sealed.size() < length + kTagLength) return Need{length + kTagLength - sealed.size()};
  const Bytes text = sealed.first(length);
  if (!key_->open(text, sealed.subspan(length, kTagLength))) return Errc::auth_failed;
  Result<VariableHeader> header = parse_variable_header(text);
  if (!header) return header.error();

  decoder_ = Decoder::continuing(method(), std::move(*key_));
  return Request{std::move(header->target), user_, header->payload, sealed.subspan(length + kTagLength), false};
}

/// Nothing of an unauthenticated stream may burn a salt, so it is put in last.
Result<void> ServerHandshake::open_fixed_header(UnixSeconds now, MonoTime mono, SaltFilter& salts) {
  Bytes sealed = Bytes(buffer_).subspan(method().salt_length());
  if (credentials_.has_users()) {
    user_ =
        credentials_.find_user(open_identity_header(credentials_.server_key(), salt(), sealed.first(kIdentityHeader)));
    if (user_ == credentials_.users().size()) return Errc::unknown_user;
    sealed = sealed.subspan(kIdentityHeader);
  }
  RecordKey key = RecordKey::derive(method(), user_key(), keys_, salt());
  const Bytes text = sealed.first(FixedHeader::kLength);
  if (!key.open(text, sealed.subspan(FixedHeader::kLength, kTagLength))) return Errc::auth_failed;
  const Result<FixedHeader> header = parse_fixed_header(text);
  if (!header) return header.error();
  clock_offset_ = protocol::clock_offset(header->timestamp, now);
  if (!is_timely(header->timestamp, now)) return Errc::bad_timestamp;
  const SaltVerdict salt_is = salts.insert(salt(), header->timestamp, mono);
  if (salt_is != SaltVerdict::fresh) {
    return salt_is == SaltVerdict::forgotten ? Errc::forgotten_stamp : Errc::repeated_salt;
  }
  variable_length_ = header->variable_length;
  key_ = std::move(key);
  return {};
}

Decoder ServerHandshake::take_decoder() {
  if (!decoder_) return Decoder::plain();
  return std::move(*decoder_);
}

Encoder ServerHandshake::take_encoder(Entropy& entropy, MonoTime mono, SaltFilter& salts, bool marked) {
  if (method().family == Family::plain) return Encoder::plain();
  std::array<std::uint8_t, cipher::kMaxSaltLength> drawn;
  const Bytes response_salt = Bytes(drawn).first(method().salt_length());
  entropy.fill(response_salt);
  if (marked) pair::put_response_mark(user_key(), salt(), response_salt);
  if (method().is_2022()) return Encoder::opening_2022(method(), user_key(), keys_, response_salt, salt());
  static_cast<void>(salts.insert(response_salt, 0, mono));
  return Encoder::opening_2017(method(), user_key(), keys_, response_salt);
}

}  // namespace ss::protocol
