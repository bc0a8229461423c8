#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "ss/base/assert.hpp"

namespace ss {

/// Bytes that belong to somebody else, writable and not.
using Bytes = std::span<std::uint8_t>;
using ConstBytes = std::span<const std::uint8_t>;

/// Bytes that their holder owns, for everything off the hot path.
using ByteVector = std::vector<std::uint8_t>;

/// The bytes of a text. Lifetime: those of `text`.
inline ConstBytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The text that `bytes` spell, unchecked. Lifetime: those of `bytes`.
inline std::string_view text_of(ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Big-endian integers, the byte order of every wire format here.
/// @pre  `at` has room for the integer.
inline void put_u16be(std::uint8_t* at, std::uint16_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}
inline void put_u32be(std::uint8_t* at, std::uint32_t value) {
  for (int i = 3; i >= 0; --i, value >>= 8) at[i] = static_cast<std::uint8_t>(value);
}
inline void put_u64be(std::uint8_t* at, std::uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) at[i] = static_cast<std::uint8_t>(value);
}
inline std::uint16_t get_u16be(const std::uint8_t* at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}
inline std::uint64_t get_u64be(const std::uint8_t* at) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | at[i];
  return value;
}

/// Walks over bytes that a peer sent; every step is bounds-checked.
///
/// After a step that did not fit, `ok()` is false and every later step yields zeros or empty spans, so a parser may
/// take all its fields and look once.
class ByteReader {
 public:
  explicit ByteReader(ConstBytes bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] ConstBytes rest() const { return rest_; }

  std::uint8_t u8() {
    const ConstBytes b = take(1);
    return b.empty() ? std::uint8_t{0} : b[0];
  }
  std::uint16_t u16be() {
    const ConstBytes b = take(2);
    return b.empty() ? std::uint16_t{0} : get_u16be(b.data());
  }
  std::uint64_t u64be() {
    const ConstBytes b = take(8);
    return b.empty() ? 0 : get_u64be(b.data());
  }
  ConstBytes take(std::size_t n) {
    if (!ok_ || n > rest_.size()) {
      ok_ = false;
      return {};
    }
    const ConstBytes taken = rest_.first(n);
    rest_ = rest_.subspan(n);
    return taken;
  }

 private:
  ConstBytes rest_;
  bool ok_ = true;
};

/// Writes fields one after another into bytes that the caller measured beforehand.
/// @pre  every put fits: sizes are computed from constants and checked lengths, never from a peer's claim (SS_ASSERT
/// holds it).
class ByteWriter {
 public:
  explicit ByteWriter(Bytes into) : into_(into) {}

  ByteWriter& u8(std::uint8_t v) {
    *claim(1) = v;
    return *this;
  }
  ByteWriter& u16be(std::uint16_t v) {
    put_u16be(claim(2), v);
    return *this;
  }
  ByteWriter& u32be(std::uint32_t v) {
    put_u32be(claim(4), v);
    return *this;
  }
  ByteWriter& u64be(std::uint64_t v) {
    put_u64be(claim(8), v);
    return *this;
  }
  ByteWriter& bytes(ConstBytes b) {
    if (!b.empty()) std::memcpy(claim(b.size()), b.data(), b.size());
    return *this;
  }
  [[nodiscard]] std::size_t size() const { return used_; }
  [[nodiscard]] Bytes written() const { return into_.first(used_); }

 private:
  std::uint8_t* claim(std::size_t n) {
    SS_ASSERT(n <= into_.size() - used_);
    std::uint8_t* at = into_.data() + used_;
    used_ += n;
    return at;
  }

  Bytes into_;
  std::size_t used_ = 0;
};

}  // namespace ss
