#include "http/body.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace ss::local {

namespace {

constexpr std::uint16_t kMaxDigits = 16;
constexpr int kNoDigit = -1;

int hex_digit(std::uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const int lower = byte | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : kNoDigit;
}

/// Text of one line: no control character but the tab.
bool is_text(std::uint8_t byte) {
  return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
}

/// What names are made of (RFC 9110 section 5.6.2).
bool is_token(std::uint8_t byte) {
  const int lower = byte | 0x20;
  return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(byte)) != std::string_view::npos;
}

}  // namespace

HttpBody HttpBody::counted(std::uint64_t length) {
  return HttpBody(length == 0 ? State::done : State::counted, length);
}
HttpBody HttpBody::chunked() {
  return HttpBody(State::size);
}
HttpBody HttpBody::until_end() {
  return HttpBody(State::open);
}

std::size_t HttpBody::feed(ConstBytes bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::done && state_ != State::broken) {
    if (state_ == State::open) return bytes.size();
    if (state_ == State::counted || state_ == State::data) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
      at += n;
      left_ -= n;
      if (left_ == 0) state_ = state_ == State::counted ? State::done : State::data_cr;
      continue;
    }
    state_ = step(bytes[at]);
    if (state_ != State::broken) ++at;
  }
  return at;
}

std::size_t HttpBody::feed_framing(ConstBytes bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::data && state_ != State::done && state_ != State::broken) {
    state_ = step(bytes[at]);
    if (state_ != State::broken) ++at;
  }
  return at;
}

std::size_t HttpBody::most() const {
  constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();
  if (state_ == State::done || state_ == State::broken) return 0;
  return state_ == State::counted ? static_cast<std::size_t>(std::min<std::uint64_t>(left_, kUnknown)) : kUnknown;
}

HttpBody::State HttpBody::step(std::uint8_t byte) {
  const auto expect = [byte](char wanted, State next) {
    return byte == static_cast<std::uint8_t>(wanted) ? next : State::broken;
  };
  switch (state_) {
    case State::size:
      return step_size(byte);
    case State::extension:
      if (byte == '\r') return State::size_end;
      return is_text(byte) && ++count_ <= kMaxExtension ? State::extension : State::broken;
    case State::size_end:
      count_ = 0;
      return expect('\n', left_ == 0 ? State::trailer_start : State::data);
    case State::data_cr:
      return expect('\r', State::data_lf);
    case State::data_lf:
      count_ = 0;
      return expect('\n', State::size);
    case State::trailer_start:
      if (byte == '\r') return State::last_lf;
      // A folded line, or an empty name, is none.
      if (byte == ':') return State::broken;
      [[fallthrough]];
    case State::trailer_name:
      // Without a name it might be the first line of another request to a reader that does not expect trailer fields.
      if (byte == ':') return State::trailer;
      return is_token(byte) && ++count_ <= kMaxTrailer ? State::trailer_name : State::broken;
    case State::trailer:
      if (byte == '\r') return State::trailer_lf;
      return is_text(byte) && ++count_ <= kMaxTrailer ? State::trailer : State::broken;
    case State::trailer_lf:
      return expect('\n', State::trailer_start);
    case State::last_lf:
      return expect('\n', State::done);
    default:
      return State::broken;
  }
}

/// Digits, then the end of the line or an extension.
HttpBody::State HttpBody::step_size(std::uint8_t byte) {
  if (const int digit = hex_digit(byte); digit != kNoDigit) {
    if (++count_ > kMaxDigits) return State::broken;
    left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
    return State::size;
  }
  if (count_ == 0) return State::broken;
  count_ = 0;
  if (byte == '\r') return State::size_end;
  return byte == ';' || byte == ' ' || byte == '\t' ? State::extension : State::broken;
}

}  // namespace ss::local
