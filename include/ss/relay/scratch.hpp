#pragma once

#include <cstdint>
#include <memory>

#include "ss/base/bytes.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace ss::relay {

/// Bytes that one direction may hold at once, read and not yet passed on: what a stalled receiver costs.
inline constexpr std::size_t kMaxHeld = std::size_t{128} * 1024;

/// The one area of a worker through which all payload passes: read into, sealed or opened, and written from, within one
/// turn.
///
/// Nothing in it lives across a suspension. Between turns it is poisoned under AddressSanitizer, so that a span that
/// was kept is found out. Owner: the worker. Threads: the worker's.
class Scratch {
 public:
  /// Room for kMaxHeld of payload and for the opening bytes, lengths and tags of its chunks.
  static constexpr std::size_t kSize = kMaxHeld + std::size_t{4} * 1024;

  Scratch() : bytes_(std::make_unique_for_overwrite<std::uint8_t[]>(kSize)) { poison(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { unpoison(); }

  /// The right to use the area until the end of a plain function. No turn inside a turn, no suspension inside one.
  class Turn {
   public:
    explicit Turn(Scratch& scratch) : scratch_(scratch) {
      SS_ASSERT(!scratch_.taken_);
      scratch_.taken_ = true;
      scratch_.unpoison();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      scratch_.taken_ = false;
      scratch_.poison();
    }
    [[nodiscard]] Bytes area() const { return {scratch_.bytes_.get(), kSize}; }

   private:
    Scratch& scratch_;
  };

 private:
#if defined(__SANITIZE_ADDRESS__)
  void poison() {
    __asan_poison_memory_region(bytes_.get(), kSize);
  }
  void unpoison() {
    __asan_unpoison_memory_region(bytes_.get(), kSize);
  }
#else
  void poison() {}
  void unpoison() {}
#endif
  std::unique_ptr<std::uint8_t[]> bytes_;
  bool taken_ = false;
};

}  // namespace ss::relay
