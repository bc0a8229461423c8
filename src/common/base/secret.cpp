#include "ss/base/secret.hpp"

#include <algorithm>
#include <array>

namespace ss {

void wipe(Bytes bytes) {
  if (bytes.empty()) return;
  std::memset(bytes.data(), 0, bytes.size());
  // Says that the zeros are read, so that the store stays even where the bytes end their life next.
  asm volatile("" : : "r"(bytes.data()) : "memory");
}

void wipe_stack() {
  std::array<std::uint8_t, kStackWiped> room;
  wipe(room);
  // memmove holds what is short in as many registers as that takes: zeros of every such length are moved after it.
  for (std::size_t length = 1; length <= 1024; length *= 2) {
    std::memmove(room.data() + 1, room.data(), length + length / 2);
    asm volatile("" : : "r"(room.data()) : "memory");
  }
}

bool equal_in_constant_time(ConstBytes a, ConstBytes b) {
  if (a.size() != b.size()) return false;
  // volatile: or the compiler might leave the loop at the first difference.
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

KeyBytes::KeyBytes(ConstBytes bytes) {
  SS_ASSERT(bytes.size() <= kMax);
  size_ = static_cast<std::uint8_t>(std::min(bytes.size(), kMax));
  std::copy_n(bytes.begin(), size_, bytes_.begin());
}

KeyBytes KeyBytes::of_size(std::size_t size) {
  SS_ASSERT(size <= kMax);
  KeyBytes key;
  key.size_ = static_cast<std::uint8_t>(std::min(size, kMax));
  return key;
}

}  // namespace ss
