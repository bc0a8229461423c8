#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "ss/base/bytes.hpp"

namespace ss {

/// Overwrites `bytes` so that no compiler leaves the store out.
void wipe(Bytes bytes);

/// Wipes the stack below the caller, which is what functions that have returned left there, and the registers that
/// memcpy holds pieces of a secret in: the dynamic linker saves them on the stack where it is called next.
[[gnu::noinline]] void wipe_stack();
inline constexpr std::size_t kStackWiped = std::size_t{64} * 1024;

/// Whether both are equal; takes the same time wherever they differ. Unequal lengths are unequal at once.
bool equal_in_constant_time(ConstBytes a, ConstBytes b);

/// A password or key of any length: wiped when it goes, never printable, never copied by accident.
///
/// Owner: one. Threads: none; share it as `const`.
class Secret {
 public:
  Secret() = default;
  explicit Secret(ConstBytes bytes) : bytes_(bytes.begin(), bytes.end()) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }

  [[nodiscard]] ConstBytes reveal() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] Secret clone() const { return Secret(bytes_); }

 private:
  ByteVector bytes_;
};

/// A key of at most 32 bytes held in place: a subkey, a PSK, a master key.
class KeyBytes {
 public:
  static constexpr std::size_t kMax = 32;

  KeyBytes() = default;
  /// @pre  bytes.size() <= kMax
  explicit KeyBytes(ConstBytes bytes);
  KeyBytes(const KeyBytes&) = default;
  KeyBytes& operator=(const KeyBytes&) = default;
  ~KeyBytes() { wipe(bytes_); }

  /// A zeroed key of `size` bytes, to be filled through `writable()`.
  static KeyBytes of_size(std::size_t size);

  [[nodiscard]] ConstBytes reveal() const { return ConstBytes(bytes_).first(size_); }
  [[nodiscard]] Bytes writable() { return Bytes(bytes_).first(size_); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::array<std::uint8_t, kMax> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace ss
