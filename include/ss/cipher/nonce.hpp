#pragma once

#include <array>
#include <cstdint>

#include "ss/base/bytes.hpp"

namespace ss::cipher {

/// The record counter of one direction: 12 or 24 bytes, little endian, from 0 (SIP004 "TCP", SIP022 3.1.2).
///
/// Refuses to wrap: after the last value `spent()` is true for ever and `value()` may not be used again.
class Nonce {
 public:
  explicit Nonce(std::size_t length) : length_(static_cast<std::uint8_t>(length)) {}

  [[nodiscard]] ConstBytes value() const { return ConstBytes(bytes_).first(length_); }
  [[nodiscard]] bool spent() const { return spent_; }
  void advance() {
    for (std::size_t i = 0; i < length_; ++i) {
      if (++bytes_[i] != 0) return;
    }
    spent_ = true;
  }
  /// Starts anywhere: for tests of the carry and of the end.
  static Nonce starting_at(ConstBytes value);

 private:
  std::array<std::uint8_t, 24> bytes_{};
  std::uint8_t length_;
  bool spent_ = false;
};

}  // namespace ss::cipher
